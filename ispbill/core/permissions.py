"""The permission vocabulary: one string per right, grouped as the role editor shows them. Codes are never renamed."""
from __future__ import annotations

from dataclasses import dataclass

from ispbill.core.i18n import gettext, lazy


@dataclass(frozen=True, slots=True)
class PermissionGroup:
    """Rights of one area of work."""

    label: str
    codes: tuple[str, ...]


def _group(label: str, codes: str) -> PermissionGroup:
    return PermissionGroup(label, tuple(codes.split()))


GROUPS: tuple[PermissionGroup, ...] = (
    _group(lazy("Customers"), "view_customer_list view_customer_detail create_customer change_customer_basic "
           "remove_customer export_customers"),
    _group(lazy("Customer records"), "add_customer_note view_customer_document add_customer_document "
           "remove_customer_document"),
    _group(lazy("Areas"), "view_barangay_list add_barangay change_barangay delete_barangay"),
    _group(lazy("Routers"), "view_router_list add_router change_router delete_router"),
    _group(lazy("Subscription plans"), "view_subscriptionplan_list add_subscriptionplan change_subscriptionplan "
           "delete_subscriptionplan"),
    _group(lazy("LCP infrastructure"), "view_lcp_list view_lcp_detail add_lcp manage_lcp_infrastructure delete_lcp"),
    _group(lazy("Customer installations"), "view_installation_list create_installation change_installation_status "
           "delete_customerinstallation export_installation_data"),
    _group(lazy("Customer subscriptions"), "view_subscription_list create_subscription cancel_subscription "
           "generate_receipt export_subscription_data"),
    _group(lazy("Subscription changes"), "change_subscription"),
    _group(lazy("Support tickets"),
           "view_ticket_list create_ticket change_ticket change_ticket_status add_ticket_comment "
           "remove_ticket export_ticket_data"),
    _group(lazy("Reports & analytics"),
           "view_reports_dashboard view_daily_collection_report view_subscription_expiry_report "
           "view_monthly_revenue_report view_ticket_analysis_report view_technician_performance_report "
           "view_customer_acquisition_report view_payment_behavior_report view_area_performance_dashboard "
           "view_financial_dashboard export_reports"),
    _group(lazy("Further reports"), "view_receivables_ageing_report view_recurring_revenue_report view_tax_report "
           "view_unapplied_payments_report view_deferred_revenue_report schedule_report"),
    _group(lazy("Dashboard and map"), "view_dashboard view_network_map"),
    _group(lazy("Users and roles"), "view_user_list invite_user change_user deactivate_user view_role_list change_role "
           "view_audit_log export_audit_log manage_api_tokens"),
    _group(lazy("Company"), "view_settings change_settings view_tenant_usage manage_tenant_subscription "
           "grant_support_access"),
    _group(lazy("Invoices"), "view_invoice_list draft_invoice issue_invoice void_invoice issue_credit_note "
           "adjust_invoice write_off_invoice view_billing_run start_billing_run approve_billing_run "
           "close_accounting_period view_ledger"),
    _group(lazy("Payments"), "view_payment_list record_payment backdate_payment allocate_payment unallocate_payment "
           "reverse_payment refund_payment"),
    _group(lazy("Cash desk"), "open_cash_session close_cash_session approve_cash_variance collect_in_field "
           "view_all_cash_sessions"),
    _group(lazy("Collections"), "view_collections suspend_service restore_service grant_extension hold_dispute "
           "waive_late_fee"),
    _group(lazy("Network"), "view_ipam manage_ipam view_radius_sessions disconnect_session manage_nas view_usage "
           "adjust_usage"),
    _group(lazy("Field work"), "view_work_orders assign_work_order update_work_order"),
    _group(lazy("Resellers"), "view_resellers manage_resellers settle_commission"),
    _group(lazy("Messages"), "view_message_log send_message change_message_template manage_webhooks"),
    _group(lazy("Data"), "import_customers undo_import merge_duplicate_customers export_tenant"),
)

ALL: frozenset[str] = frozenset(code for group in GROUPS for code in group.codes)
# Rights that nothing asks for yet: their features are still to come, and roles can hold them before that.
WAITING: frozenset[str] = frozenset("""
    assign_work_order change_message_template disconnect_session export_tenant grant_support_access manage_ipam
    manage_nas manage_resellers manage_tenant_subscription manage_webhooks settle_commission update_work_order
    view_ipam view_radius_sessions view_resellers view_tenant_usage view_work_orders
""".split())


def label(code: str) -> str:
    """The right as a person reads it: “View customer list”."""
    return gettext(english(code))


def english(code: str) -> str:
    """The message that `label` translates."""
    return code.replace("_", " ").replace("subscriptionplan", "plan").replace("customerinstallation", "installation") \
        .replace("barangay", "area").capitalize().replace("Lcp", "LCP").replace("lcp", "LCP").replace("api", "API") \
        .replace("ipam", "IPAM").replace("nas", "NAS").replace("radius", "RADIUS")
