"""What is known of customers: notes, labels, contacts, documents, own fields, and who was merged into whom.

Revision ID: 0013
Revises: 0012
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
MERGING = Path(__file__).parents[1] / "sql" / "0013_merging.sql"
_SEARCH_TEXT = (
    "lower(account_number || ' ' || name || ' ' || phone || ' ' || email || ' ' || street || ' ' || landmark || ' '"
    " || coalesce(external_reference, '')"
)
_RIGHTS = {
    "Manager": ("add_customer_note", "view_customer_document", "add_customer_document", "remove_customer_document"),
    "Cashier": ("add_customer_note",),
    "Collector": ("add_customer_note",),
    "Technician": ("add_customer_note",),
    "Customer Service": ("add_customer_note", "view_customer_document", "add_customer_document"),
}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "custom_fields",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("choices", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("is_required", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_in_use", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("kind IN ('text', 'number', 'date', 'choice')", name=op.f("ck_custom_fields_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_fields")),
        sa.UniqueConstraint("key", name=op.f("uq_custom_fields_key")),
    )
    op.create_index("uq_custom_fields_label", "custom_fields", [sa.literal_column("lower(label)")], unique=True)
    op.create_table(
        "labels",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.CheckConstraint("colour IN ('grey', 'blue', 'green', 'amber', 'red')", name=op.f("ck_labels_colour")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
    )
    op.create_index("uq_labels_name", "labels", [sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "customer_contacts",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("email", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("phone <> '' OR email <> ''", name=op.f("ck_customer_contacts_reachable")),
        sa.CheckConstraint(
            "role IN ('owner', 'billing', 'technical', 'household', 'other')", name=op.f("ck_customer_contacts_role")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_contacts_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_contacts")),
    )
    op.create_index("ix_customer_contacts_customer_id", "customer_contacts", ["customer_id", "id"], unique=False)
    op.create_table(
        "customer_documents",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_documents_customer_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_files.id"], name=op.f("fk_customer_documents_file_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_documents")),
    )
    op.create_index("ix_customer_documents_customer_id", "customer_documents", ["customer_id", "id"], unique=False)
    op.create_index("ix_customer_documents_file_id", "customer_documents", ["file_id"], unique=False)
    op.create_table(
        "customer_labels",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("label_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_labels_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["label_id"], ["labels.id"], name=op.f("fk_customer_labels_label_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_labels")),
        sa.UniqueConstraint("customer_id", "label_id", name=op.f("uq_customer_labels_customer_id_label_id")),
    )
    op.create_index("ix_customer_labels_label_id", "customer_labels", ["label_id", "customer_id"], unique=False)
    op.create_table(
        "customer_notes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_notes_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_notes")),
    )
    op.create_index(
        "ix_customer_notes_customer_id", "customer_notes", ["customer_id", "created_at", "id"], unique=False
    )
    op.add_column("customers", sa.Column("location_accuracy", sa.Text(), nullable=True))
    op.add_column("customers", sa.Column("e_billing_since", sa.Date(), nullable=True))
    op.add_column(
        "customers",
        sa.Column(
            "custom_values", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column("customers", sa.Column("contact_text", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("customers", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_customers_email",
        "customers",
        [sa.literal_column("lower(email)"), "id"],
        unique=False,
        postgresql_where=sa.text("email <> ''"),
    )
    op.create_index(
        "ix_customers_merged_into_id",
        "customers",
        ["merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index(
        "ix_customers_phone", "customers", ["phone", "id"], unique=False, postgresql_where=sa.text("phone <> ''")
    )
    op.create_foreign_key(
        op.f("fk_customers_merged_into_id"), "customers", "customers", ["merged_into_id"], ["id"], ondelete="RESTRICT"
    )
    op.create_index(
        "ix_messages_recipient", "messages", [sa.literal_column("lower(recipient)"), "created_at", "id"], unique=False
    )
    op.create_check_constraint(
        op.f("ck_customers_location_accuracy"), "customers", "location_accuracy IN ('exact', 'approximate', 'address')"
    )
    op.create_check_constraint(op.f("ck_customers_merged_into_id"), "customers", "merged_into_id <> id")
    _search_by(_SEARCH_TEXT + " || ' ' || contact_text)")
    op.execute(MERGING.read_text())
    for role, rights in _RIGHTS.items():
        for right in rights:
            op.execute(
                f"INSERT INTO role_permissions (role_id, permission) SELECT id, '{right}' FROM roles "  # noqa: S608  from the constants above
                f"WHERE name = '{role}' ON CONFLICT DO NOTHING"
            )


def _search_by(expression: str) -> None:
    op.drop_index("ix_customers_search_text", "customers")
    op.drop_column("customers", "search_text")
    op.add_column(
        "customers", sa.Column("search_text", sa.Text(), sa.Computed(expression, persisted=True), nullable=False)
    )
    op.create_index(
        "ix_customers_search_text", "customers", ["search_text"], postgresql_using="gin",
        postgresql_ops={"search_text": "extensions.gin_trgm_ops"},
    )


def downgrade() -> None:
    """Take back."""
    op.execute("DROP TRIGGER customer_notes_frozen ON customer_notes")
    _search_by(_SEARCH_TEXT + ")")
    op.drop_constraint(op.f("ck_customers_merged_into_id"), "customers")
    op.drop_constraint(op.f("ck_customers_location_accuracy"), "customers")
    op.drop_index("ix_messages_recipient", table_name="messages")
    op.drop_constraint(op.f("fk_customers_merged_into_id"), "customers", type_="foreignkey")
    op.drop_index("ix_customers_phone", table_name="customers", postgresql_where=sa.text("phone <> ''"))
    op.drop_index(
        "ix_customers_merged_into_id", table_name="customers", postgresql_where=sa.text("merged_into_id IS NOT NULL")
    )
    op.drop_index("ix_customers_email", table_name="customers", postgresql_where=sa.text("email <> ''"))
    op.drop_column("customers", "merged_into_id")
    op.drop_column("customers", "contact_text")
    op.drop_column("customers", "custom_values")
    op.drop_column("customers", "e_billing_since")
    op.drop_column("customers", "location_accuracy")
    op.drop_index("ix_customer_notes_customer_id", table_name="customer_notes")
    op.drop_table("customer_notes")
    op.drop_index("ix_customer_labels_label_id", table_name="customer_labels")
    op.drop_table("customer_labels")
    op.drop_index("ix_customer_documents_file_id", table_name="customer_documents")
    op.drop_index("ix_customer_documents_customer_id", table_name="customer_documents")
    op.drop_table("customer_documents")
    op.drop_index("ix_customer_contacts_customer_id", table_name="customer_contacts")
    op.drop_table("customer_contacts")
    op.drop_index("uq_labels_name", table_name="labels")
    op.drop_table("labels")
    op.drop_index("uq_custom_fields_label", table_name="custom_fields")
    op.drop_table("custom_fields")
