"""The wallet: a customer's credit, which prepaid loads and postpaid bills share."""
