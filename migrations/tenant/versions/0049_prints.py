"""Many documents are printed at once: what was ordered, and the files for the printer.

Revision ID: 0049
Revises: 0048
"""
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing was printed so before."""
    op.execute("""
        CREATE TABLE print_orders (
            id BIGSERIAL NOT NULL,
            kind TEXT NOT NULL,
            sorted_by TEXT NOT NULL,
            since DATE,
            until DATE,
            document_count BIGINT NOT NULL,
            ordered_by TEXT NOT NULL,
            ordered_at TIMESTAMP WITH TIME ZONE NOT NULL,
            made_at TIMESTAMP WITH TIME ZONE,
            CONSTRAINT pk_print_orders PRIMARY KEY (id),
            CONSTRAINT ck_print_orders_kind CHECK (kind IN ('invoices', 'statements')),
            CONSTRAINT ck_print_orders_sorted_by CHECK (sorted_by IN ('area', 'name', 'number')),
            CONSTRAINT ck_print_orders_since CHECK ((kind = 'statements') = (since IS NOT NULL)),
            CONSTRAINT ck_print_orders_until CHECK ((since IS NULL) = (until IS NULL) AND until >= since),
            CONSTRAINT ck_print_orders_document_count CHECK (document_count > 0)
        )
    """)
    op.execute("CREATE INDEX ix_print_orders_at_work ON print_orders (id) WHERE made_at IS NULL")
    op.execute("CREATE INDEX ix_print_orders_ordered_at ON print_orders (ordered_at)")
    op.execute("""
        CREATE TABLE print_parts (
            id BIGSERIAL NOT NULL,
            order_id BIGINT NOT NULL,
            ordinal BIGINT NOT NULL,
            document_ids BIGINT[] NOT NULL,
            left_out_ids BIGINT[] DEFAULT '{}' NOT NULL,
            page_count BIGINT DEFAULT 0 NOT NULL,
            made_at TIMESTAMP WITH TIME ZONE,
            content BYTEA,
            CONSTRAINT pk_print_parts PRIMARY KEY (id),
            CONSTRAINT uq_print_parts_order_id_ordinal UNIQUE (order_id, ordinal),
            CONSTRAINT ck_print_parts_content CHECK ((made_at IS NULL) = (content IS NULL)),
            CONSTRAINT fk_print_parts_order_id FOREIGN KEY (order_id)
                REFERENCES print_orders (id) ON DELETE CASCADE
        )
    """)
    op.execute("CREATE INDEX ix_print_parts_pending ON print_parts (order_id) WHERE made_at IS NULL")
