"""REPORTS: every report, by name, in the order of the index. Their permissions stand in core/permissions.py."""
from __future__ import annotations

from ispbill.core.i18n import lazy
from ispbill.reports.definitions.policy import Report, Span
from ispbill.reports.growth import sheets as growth
from ispbill.reports.money_in import sheets as money_in
from ispbill.reports.revenue import sheets as revenue
from ispbill.reports.work import sheets as work

_MONEY, _SUBSCRIBERS, _STAFF = lazy("Money"), lazy("Subscribers"), lazy("Work")
REPORTS: dict[str, Report] = {report.name: report for report in (
    Report("financial-dashboard", lazy("Financial dashboard"), _MONEY, "view_financial_dashboard",
           lazy("Documents count on the day they are issued, payments on the day they are received. Void documents "
                "and reversed payments never count; credit notes are taken off."), revenue.financial_dashboard,
                Span.YEAR),
    Report("daily-collection", lazy("Daily collection"), _MONEY, "view_daily_collection_report",
           lazy("Payments by the day on which they were received and by method. A payment that was reversed is in no "
                "total, also not on its own day."), money_in.daily_collection, by_area=True),
    Report("monthly-revenue", lazy("Monthly revenue"), _MONEY, "view_monthly_revenue_report",
           lazy("What was earned before tax: the lines of documents issued, by kind of income, and prepaid time as it "
                "passes. Deposits are no income, discounts lessen it."), revenue.monthly_revenue, Span.YEAR),
    Report("receivables-ageing", lazy("Receivables by age"), _MONEY, "view_receivables_ageing_report",
           lazy("What is still to be paid of each invoice, by the days since it was due; payments and credit notes "
                "that settle nothing yet stand beside it. As things stand now."), money_in.receivables_ageing, Span.NOW,
           by_area=True),
    Report("unapplied-payments", lazy("Unapplied payments"), _MONEY, "view_unapplied_payments_report",
           lazy("Payments and credit notes of which something settles no invoice yet. As things stand now."),
           money_in.unapplied_payments, Span.NOW, by_area=True),
    Report("payment-behavior", lazy("Payment behaviour"), _MONEY, "view_payment_behavior_report",
           lazy("Invoices and debit notes that fell due in the period, by how long after the due day the last of them "
                "was settled."), money_in.payment_behaviour, Span.YEAR, by_area=True),
    Report("recurring-revenue", lazy("Recurring revenue and churn"), _MONEY, "view_recurring_revenue_report",
           lazy("MRR is a month of all postpaid subscriptions that run on the last day of a step, at the prices "
                "agreed, and of prepaid lines that have time left then, at 365 ÷ 360 of their plan's price for 30 "
                "days; before discounts and without tax. Subscribers are customers who are served, postpaid or "
                "prepaid. Churn is who left in a step, of those served when it began; prepaid leaves when time runs "
                "out and is not renewed."), revenue.recurring_revenue, Span.YEAR, by_area=True),
    Report("deferred-revenue", lazy("Deferred revenue"), _MONEY, "view_deferred_revenue_report",
           lazy("Prepaid time is owed when it is bought and becomes revenue as it passes, once a day. What is given "
                "back is no longer owed."), revenue.deferred_revenue, Span.YEAR),
    Report("tax", lazy("Tax"), _MONEY, "view_tax_report",
           lazy("Tax of documents issued in the period, by name and rate as they print them, credit notes taken off. "
                "Tax is due on what is billed, whether it is paid or not."), revenue.tax, by_area=True),
    Report("customer-acquisition", lazy("Customer acquisition"), _SUBSCRIBERS, "view_customer_acquisition_report",
           lazy("Customers begin with their first service, postpaid or prepaid, and leave when the last one has "
                "ended; one who comes back has not left."), growth.customer_acquisition, Span.YEAR, by_area=True),
    Report("subscription-expiry", lazy("Subscription expiry"), _SUBSCRIBERS, "view_subscription_expiry_report",
           lazy("Services that end in the period: postpaid ones with an end agreed, prepaid ones whose time runs out "
                "or ran out. Cancelled prepaid services are left out."), growth.subscription_expiry, Span.AHEAD,
                by_area=True),
    Report("area-performance", lazy("Area performance"), _SUBSCRIBERS, "view_area_performance_dashboard",
           lazy("Active customers by the area they live in, with what their running subscriptions cost a month as "
                "agreed, what they were billed and paid in the period; what is open and overdue, tickets that are not "
                "resolved and ports that are free, as of now."), growth.area_performance, by_area=True),
    Report("ticket-analysis", lazy("Ticket analysis"), _STAFF, "view_ticket_analysis_report",
           lazy("Tickets opened in the period, by category; removed and merged ones do not count. Times to resolution "
                "leave out the time spent waiting for the customer."), work.ticket_analysis, by_area=True),
    Report("technician-performance", lazy("Technician performance"), _STAFF, "view_technician_performance_report",
           lazy("Tickets by who resolved them and installations by who was sent, both on the day on which they were "
                "done."),
           work.technician_performance),
)}
