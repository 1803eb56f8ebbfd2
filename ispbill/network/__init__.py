"""The equipment and the addresses through which lines are served."""
