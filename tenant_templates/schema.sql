-- Generated from migrations/tenant by `ispbill tenant template`; a test proves the two equal. Do not edit.
CREATE TABLE alembic_version (
    version_num VARCHAR(32) NOT NULL, 
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

-- Running upgrade  -> 0001

CREATE TABLE areas (
    id BIGSERIAL NOT NULL, 
    parent_id BIGINT, 
    level SMALLINT NOT NULL, 
    name TEXT NOT NULL, 
    CONSTRAINT pk_areas PRIMARY KEY (id), 
    CONSTRAINT ck_areas_parent CHECK ((level = 1) = (parent_id IS NULL)), 
    CONSTRAINT ck_areas_level CHECK (level BETWEEN 1 AND 3), 
    CONSTRAINT fk_areas_parent_id FOREIGN KEY(parent_id) REFERENCES areas (id) ON DELETE RESTRICT
);

CREATE INDEX ix_areas_name ON areas (name, id);

CREATE UNIQUE INDEX uq_areas_parent_name ON areas (coalesce(parent_id, 0), lower(name));

CREATE TABLE audit_entries (
    id BIGSERIAL NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    actor_kind TEXT NOT NULL, 
    actor_id BIGINT, 
    actor_name TEXT NOT NULL, 
    ip_address TEXT, 
    user_agent TEXT, 
    action TEXT NOT NULL, 
    entity TEXT NOT NULL, 
    entity_id BIGINT, 
    label TEXT NOT NULL, 
    before JSONB, 
    after JSONB, 
    CONSTRAINT pk_audit_entries PRIMARY KEY (id)
);

CREATE INDEX ix_audit_entries_actor_id ON audit_entries (actor_id, id);

CREATE INDEX ix_audit_entries_created_at ON audit_entries (created_at, id);

CREATE INDEX ix_audit_entries_entity ON audit_entries (entity, entity_id, id);

CREATE TABLE billing_runs (
    id BIGSERIAL NOT NULL, 
    billing_on DATE NOT NULL, 
    status TEXT NOT NULL, 
    requested_by TEXT NOT NULL, 
    approved_by TEXT, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    completed_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_billing_runs PRIMARY KEY (id), 
    CONSTRAINT ck_billing_runs_status CHECK (status IN ('awaiting_approval', 'running', 'completed')), 
    CONSTRAINT uq_billing_runs_billing_on UNIQUE (billing_on)
);

CREATE TABLE company_identities (
    id BIGSERIAL NOT NULL, 
    legal_name TEXT NOT NULL, 
    tax_identifier TEXT DEFAULT '' NOT NULL, 
    address TEXT DEFAULT '' NOT NULL, 
    phone TEXT DEFAULT '' NOT NULL, 
    email TEXT DEFAULT '' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL, 
    CONSTRAINT pk_company_identities PRIMARY KEY (id)
);

CREATE TABLE company_settings (
    id BIGSERIAL NOT NULL, 
    due_days BIGINT DEFAULT 15 NOT NULL, 
    auto_issue BOOLEAN DEFAULT true NOT NULL, 
    accent_colour TEXT DEFAULT '#0f766e' NOT NULL, 
    invoice_note TEXT DEFAULT '' NOT NULL, 
    area_level_1 TEXT DEFAULT 'Region' NOT NULL, 
    area_level_2 TEXT DEFAULT 'City' NOT NULL, 
    area_level_3 TEXT DEFAULT 'Barangay' NOT NULL, 
    CONSTRAINT pk_company_settings PRIMARY KEY (id), 
    CONSTRAINT ck_company_settings_due_days CHECK (due_days BETWEEN 0 AND 120), 
    CONSTRAINT ck_company_settings_single_row CHECK (id = 1)
);

CREATE TABLE idempotency_keys (
    id BIGSERIAL NOT NULL, 
    key TEXT NOT NULL, 
    request_digest TEXT NOT NULL, 
    response_status BIGINT NOT NULL, 
    response_body JSONB NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (id), 
    CONSTRAINT uq_idempotency_keys_key UNIQUE (key)
);

CREATE TABLE import_batches (
    id BIGSERIAL NOT NULL, 
    file_name TEXT NOT NULL, 
    file_digest TEXT NOT NULL, 
    file_format TEXT NOT NULL, 
    content BYTEA, 
    start_on DATE, 
    status TEXT DEFAULT 'imported' NOT NULL, 
    row_count BIGINT NOT NULL, 
    created_count BIGINT NOT NULL, 
    unchanged_count BIGINT NOT NULL, 
    imported_by TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_import_batches PRIMARY KEY (id), 
    CONSTRAINT ck_import_batches_status CHECK (status IN ('checked', 'imported'))
);

CREATE TABLE journal_entries (
    id BIGSERIAL NOT NULL, 
    posted_on DATE NOT NULL, 
    source TEXT NOT NULL, 
    source_id BIGINT NOT NULL, 
    memo TEXT NOT NULL, 
    created_by TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_journal_entries PRIMARY KEY (id)
);

CREATE INDEX ix_journal_entries_posted_on ON journal_entries (posted_on, id);

CREATE INDEX ix_journal_entries_source ON journal_entries (source, source_id);

CREATE TABLE ledger_accounts (
    id BIGSERIAL NOT NULL, 
    code TEXT NOT NULL, 
    name TEXT NOT NULL, 
    kind TEXT NOT NULL, 
    purpose TEXT, 
    CONSTRAINT pk_ledger_accounts PRIMARY KEY (id), 
    CONSTRAINT ck_ledger_accounts_kind CHECK (kind IN ('asset', 'liability', 'equity', 'income', 'expense')), 
    CONSTRAINT uq_ledger_accounts_code UNIQUE (code), 
    CONSTRAINT uq_ledger_accounts_purpose UNIQUE (purpose)
);

CREATE TABLE messages (
    id BIGSERIAL NOT NULL, 
    channel TEXT DEFAULT 'email' NOT NULL, 
    recipient TEXT NOT NULL, 
    subject TEXT NOT NULL, 
    body TEXT NOT NULL, 
    sealed TEXT, 
    template TEXT NOT NULL, 
    unique_key TEXT NOT NULL, 
    status TEXT DEFAULT 'queued' NOT NULL, 
    attempts BIGINT DEFAULT 0 NOT NULL, 
    last_error TEXT, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    next_attempt_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    sent_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_messages PRIMARY KEY (id), 
    CONSTRAINT ck_messages_status CHECK (status IN ('queued', 'sent', 'failed')), 
    CONSTRAINT uq_messages_unique_key UNIQUE (unique_key)
);

CREATE INDEX ix_messages_due ON messages (next_attempt_at) WHERE status = 'queued';

CREATE TABLE number_series (
    id BIGSERIAL NOT NULL, 
    kind TEXT NOT NULL, 
    prefix TEXT NOT NULL, 
    digits BIGINT DEFAULT 6 NOT NULL, 
    next_number BIGINT DEFAULT 1 NOT NULL, 
    CONSTRAINT pk_number_series PRIMARY KEY (id), 
    CONSTRAINT ck_number_series_next_number CHECK (next_number > 0), 
    CONSTRAINT uq_number_series_kind UNIQUE (kind)
);

CREATE TABLE roles (
    id BIGSERIAL NOT NULL, 
    name TEXT NOT NULL, 
    description TEXT DEFAULT '' NOT NULL, 
    is_default BOOLEAN DEFAULT false NOT NULL, 
    CONSTRAINT pk_roles PRIMARY KEY (id), 
    CONSTRAINT uq_roles_name UNIQUE (name)
);

CREATE TABLE tax_rates (
    id BIGSERIAL NOT NULL, 
    name TEXT NOT NULL, 
    rate_percent NUMERIC(7, 4) NOT NULL, 
    mode TEXT NOT NULL, 
    is_active BOOLEAN DEFAULT true NOT NULL, 
    CONSTRAINT pk_tax_rates PRIMARY KEY (id), 
    CONSTRAINT ck_tax_rates_mode CHECK (mode IN ('inclusive', 'exclusive')), 
    CONSTRAINT ck_tax_rates_rate_percent CHECK (rate_percent >= 0 AND rate_percent < 100), 
    CONSTRAINT uq_tax_rates_name UNIQUE (name)
);

CREATE TABLE users (
    id BIGSERIAL NOT NULL, 
    email TEXT NOT NULL, 
    full_name TEXT NOT NULL, 
    password_hash TEXT, 
    is_owner BOOLEAN DEFAULT false NOT NULL, 
    status TEXT DEFAULT 'active' NOT NULL, 
    failed_sign_in_count BIGINT DEFAULT 0 NOT NULL, 
    locked_until TIMESTAMP WITH TIME ZONE, 
    last_signed_in_at TIMESTAMP WITH TIME ZONE, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_users PRIMARY KEY (id), 
    CONSTRAINT ck_users_status CHECK (status IN ('active', 'deactivated')), 
    CONSTRAINT ck_users_email_lower CHECK (email = lower(email)), 
    CONSTRAINT uq_users_email UNIQUE (email)
);

CREATE UNIQUE INDEX uq_users_one_owner ON users (is_owner) WHERE is_owner;

CREATE TABLE api_tokens (
    id BIGSERIAL NOT NULL, 
    user_id BIGINT NOT NULL, 
    name TEXT NOT NULL, 
    token_digest TEXT NOT NULL, 
    prefix TEXT NOT NULL, 
    scopes TEXT[] NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    expires_at TIMESTAMP WITH TIME ZONE, 
    last_used_at TIMESTAMP WITH TIME ZONE, 
    revoked_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_api_tokens PRIMARY KEY (id), 
    CONSTRAINT fk_api_tokens_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
    CONSTRAINT uq_api_tokens_token_digest UNIQUE (token_digest)
);

CREATE INDEX ix_api_tokens_user_id ON api_tokens (user_id);

CREATE TABLE billing_run_chunks (
    id BIGSERIAL NOT NULL, 
    run_id BIGINT NOT NULL, 
    ordinal BIGINT NOT NULL, 
    first_customer_id BIGINT NOT NULL, 
    last_customer_id BIGINT NOT NULL, 
    status TEXT DEFAULT 'pending' NOT NULL, 
    subscription_count BIGINT DEFAULT 0 NOT NULL, 
    invoice_count BIGINT DEFAULT 0 NOT NULL, 
    line_count BIGINT DEFAULT 0 NOT NULL, 
    total_minor BIGINT DEFAULT 0 NOT NULL, 
    finished_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_billing_run_chunks PRIMARY KEY (id), 
    CONSTRAINT ck_billing_run_chunks_status CHECK (status IN ('pending', 'done')), 
    CONSTRAINT fk_billing_run_chunks_run_id FOREIGN KEY(run_id) REFERENCES billing_runs (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_billing_run_chunks_run_id_ordinal UNIQUE (run_id, ordinal)
);

CREATE INDEX ix_billing_run_chunks_pending ON billing_run_chunks (run_id) WHERE status = 'pending';

CREATE TABLE customers (
    id BIGSERIAL NOT NULL, 
    account_number TEXT NOT NULL, 
    kind TEXT DEFAULT 'person' NOT NULL, 
    name TEXT NOT NULL, 
    email TEXT DEFAULT '' NOT NULL, 
    phone TEXT DEFAULT '' NOT NULL, 
    tax_identifier TEXT DEFAULT '' NOT NULL, 
    status TEXT NOT NULL, 
    status_since DATE NOT NULL, 
    status_reason TEXT DEFAULT '' NOT NULL, 
    area_id BIGINT, 
    street TEXT DEFAULT '' NOT NULL, 
    landmark TEXT DEFAULT '' NOT NULL, 
    latitude NUMERIC(9, 6), 
    longitude NUMERIC(9, 6), 
    notes TEXT DEFAULT '' NOT NULL, 
    external_reference TEXT, 
    import_batch_id BIGINT, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    search_text TEXT GENERATED ALWAYS AS (lower(account_number || ' ' || name || ' ' || phone || ' ' || email || ' ' || street || ' ' || landmark || ' ' || coalesce(external_reference, ''))) STORED NOT NULL, 
    CONSTRAINT pk_customers PRIMARY KEY (id), 
    CONSTRAINT ck_customers_kind CHECK (kind IN ('person', 'company')), 
    CONSTRAINT ck_customers_status CHECK (status IN ('lead', 'active', 'suspended', 'terminated')), 
    CONSTRAINT ck_customers_coordinates CHECK ((latitude IS NULL) = (longitude IS NULL)), 
    CONSTRAINT fk_customers_area_id FOREIGN KEY(area_id) REFERENCES areas (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_customers_import_batch_id FOREIGN KEY(import_batch_id) REFERENCES import_batches (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_customers_account_number UNIQUE (account_number), 
    CONSTRAINT uq_customers_external_reference UNIQUE (external_reference)
);

CREATE INDEX ix_customers_area_id ON customers (area_id);

CREATE INDEX ix_customers_name ON customers (name, id);

CREATE INDEX ix_customers_search_text ON customers USING gin (search_text extensions.gin_trgm_ops);

CREATE INDEX ix_customers_status ON customers (status, id);

CREATE TABLE one_time_tokens (
    id BIGSERIAL NOT NULL, 
    user_id BIGINT NOT NULL, 
    purpose TEXT NOT NULL, 
    token_digest TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    used_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_one_time_tokens PRIMARY KEY (id), 
    CONSTRAINT ck_one_time_tokens_purpose CHECK (purpose IN ('reset', 'invitation')), 
    CONSTRAINT fk_one_time_tokens_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
    CONSTRAINT uq_one_time_tokens_token_digest UNIQUE (token_digest)
);

CREATE INDEX ix_one_time_tokens_user_id ON one_time_tokens (user_id);

CREATE TABLE plans (
    id BIGSERIAL NOT NULL, 
    code TEXT NOT NULL, 
    name TEXT NOT NULL, 
    kind TEXT NOT NULL, 
    download_mbps BIGINT, 
    upload_mbps BIGINT, 
    tax_rate_id BIGINT, 
    status TEXT DEFAULT 'active' NOT NULL, 
    description TEXT DEFAULT '' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_plans PRIMARY KEY (id), 
    CONSTRAINT ck_plans_kind CHECK (kind IN ('internet', 'voice', 'addon')), 
    CONSTRAINT ck_plans_status CHECK (status IN ('active', 'retired')), 
    CONSTRAINT fk_plans_tax_rate_id FOREIGN KEY(tax_rate_id) REFERENCES tax_rates (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_plans_code UNIQUE (code)
);

CREATE INDEX ix_plans_name ON plans (name, id);

CREATE TABLE role_permissions (
    id BIGSERIAL NOT NULL, 
    role_id BIGINT NOT NULL, 
    permission TEXT NOT NULL, 
    CONSTRAINT pk_role_permissions PRIMARY KEY (id), 
    CONSTRAINT fk_role_permissions_role_id FOREIGN KEY(role_id) REFERENCES roles (id) ON DELETE CASCADE, 
    CONSTRAINT uq_role_permissions_role_id_permission UNIQUE (role_id, permission)
);

CREATE TABLE user_roles (
    id BIGSERIAL NOT NULL, 
    user_id BIGINT NOT NULL, 
    role_id BIGINT NOT NULL, 
    CONSTRAINT pk_user_roles PRIMARY KEY (id), 
    CONSTRAINT fk_user_roles_role_id FOREIGN KEY(role_id) REFERENCES roles (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_user_roles_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
    CONSTRAINT uq_user_roles_user_id_role_id UNIQUE (user_id, role_id)
);

CREATE INDEX ix_user_roles_role_id ON user_roles (role_id);

CREATE TABLE user_sessions (
    id BIGSERIAL NOT NULL, 
    user_id BIGINT NOT NULL, 
    token_digest TEXT NOT NULL, 
    ip_address TEXT, 
    user_agent TEXT, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    revoked_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_user_sessions PRIMARY KEY (id), 
    CONSTRAINT fk_user_sessions_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
    CONSTRAINT uq_user_sessions_token_digest UNIQUE (token_digest)
);

CREATE INDEX ix_user_sessions_user_id ON user_sessions (user_id);

CREATE TABLE billing_run_exceptions (
    id BIGSERIAL NOT NULL, 
    run_id BIGINT NOT NULL, 
    customer_id BIGINT NOT NULL, 
    reason TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_billing_run_exceptions PRIMARY KEY (id), 
    CONSTRAINT fk_billing_run_exceptions_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_billing_run_exceptions_run_id FOREIGN KEY(run_id) REFERENCES billing_runs (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_billing_run_exceptions_run_id_customer_id UNIQUE (run_id, customer_id)
);

CREATE INDEX ix_billing_run_exceptions_customer_id ON billing_run_exceptions (customer_id);

CREATE TABLE installations (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    address TEXT NOT NULL, 
    status TEXT NOT NULL, 
    technician_id BIGINT, 
    scheduled_on DATE NOT NULL, 
    installed_on DATE, 
    terminated_on DATE, 
    notes TEXT DEFAULT '' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_installations PRIMARY KEY (id), 
    CONSTRAINT ck_installations_status CHECK (status IN ('scheduled', 'active', 'terminated')), 
    CONSTRAINT fk_installations_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_installations_technician_id FOREIGN KEY(technician_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE INDEX ix_installations_customer_id ON installations (customer_id);

CREATE INDEX ix_installations_scheduled_on ON installations (scheduled_on, id);

CREATE INDEX ix_installations_status ON installations (status, scheduled_on, id);

CREATE TABLE invoices (
    id BIGSERIAL NOT NULL, 
    number TEXT NOT NULL, 
    customer_id BIGINT NOT NULL, 
    billing_run_id BIGINT, 
    seller_id BIGINT NOT NULL, 
    status TEXT NOT NULL, 
    issued_on DATE NOT NULL, 
    due_on DATE NOT NULL, 
    net_minor BIGINT NOT NULL, 
    tax_minor BIGINT NOT NULL, 
    total_minor BIGINT NOT NULL, 
    settled_on DATE, 
    buyer_name TEXT NOT NULL, 
    buyer_address TEXT NOT NULL, 
    buyer_tax_identifier TEXT NOT NULL, 
    voided_on DATE, 
    void_reason TEXT, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_invoices PRIMARY KEY (id), 
    CONSTRAINT ck_invoices_status CHECK (status IN ('issued', 'void')), 
    CONSTRAINT ck_invoices_total_minor CHECK (total_minor = net_minor + tax_minor), 
    CONSTRAINT fk_invoices_billing_run_id FOREIGN KEY(billing_run_id) REFERENCES billing_runs (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_invoices_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_invoices_seller_id FOREIGN KEY(seller_id) REFERENCES company_identities (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_invoices_number UNIQUE (number)
);

CREATE INDEX ix_invoices_billing_run_id ON invoices (billing_run_id);

CREATE INDEX ix_invoices_customer_id ON invoices (customer_id, issued_on, id);

CREATE INDEX ix_invoices_issued_on ON invoices (issued_on, id);

CREATE INDEX ix_invoices_open ON invoices (due_on, customer_id) WHERE settled_on IS NULL AND status = 'issued';

CREATE TABLE journal_postings (
    id BIGSERIAL NOT NULL, 
    entry_id BIGINT NOT NULL, 
    account_id BIGINT NOT NULL, 
    customer_id BIGINT, 
    amount_minor BIGINT NOT NULL, 
    CONSTRAINT pk_journal_postings PRIMARY KEY (id), 
    CONSTRAINT ck_journal_postings_amount_minor CHECK (amount_minor <> 0), 
    CONSTRAINT fk_journal_postings_account_id FOREIGN KEY(account_id) REFERENCES ledger_accounts (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_journal_postings_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_journal_postings_entry_id FOREIGN KEY(entry_id) REFERENCES journal_entries (id) ON DELETE RESTRICT
);

CREATE INDEX ix_journal_postings_customer ON journal_postings (customer_id, account_id) INCLUDE (amount_minor) WHERE customer_id IS NOT NULL;

CREATE INDEX ix_journal_postings_entry_id ON journal_postings (entry_id);

CREATE TABLE payments (
    id BIGSERIAL NOT NULL, 
    number TEXT NOT NULL, 
    customer_id BIGINT NOT NULL, 
    amount_minor BIGINT NOT NULL, 
    method TEXT NOT NULL, 
    reference TEXT NOT NULL, 
    received_on DATE NOT NULL, 
    status TEXT DEFAULT 'recorded' NOT NULL, 
    note TEXT DEFAULT '' NOT NULL, 
    idempotency_key TEXT, 
    applied_on DATE, 
    recorded_by TEXT NOT NULL, 
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    reversed_on DATE, 
    reversal_reason TEXT, 
    CONSTRAINT pk_payments PRIMARY KEY (id), 
    CONSTRAINT ck_payments_method CHECK (method IN ('cash', 'bank', 'e_wallet', 'card', 'cheque')), 
    CONSTRAINT ck_payments_status CHECK (status IN ('recorded', 'reversed')), 
    CONSTRAINT ck_payments_amount_minor CHECK (amount_minor > 0), 
    CONSTRAINT fk_payments_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_payments_idempotency_key UNIQUE (idempotency_key), 
    CONSTRAINT uq_payments_number UNIQUE (number)
);

CREATE INDEX ix_payments_customer_id ON payments (customer_id, received_on, id);

CREATE INDEX ix_payments_received_on ON payments (received_on, id);

CREATE INDEX ix_payments_unapplied ON payments (customer_id) WHERE applied_on IS NULL AND status = 'recorded';

CREATE UNIQUE INDEX uq_payments_reference ON payments (method, reference) WHERE reference <> '' AND status = 'recorded';

CREATE TABLE plan_prices (
    id BIGSERIAL NOT NULL, 
    plan_id BIGINT NOT NULL, 
    amount_minor BIGINT NOT NULL, 
    valid_from DATE NOT NULL, 
    CONSTRAINT pk_plan_prices PRIMARY KEY (id), 
    CONSTRAINT ck_plan_prices_amount_minor CHECK (amount_minor >= 0), 
    CONSTRAINT fk_plan_prices_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id) ON DELETE CASCADE, 
    CONSTRAINT uq_plan_prices_plan_id_valid_from UNIQUE (plan_id, valid_from)
);

CREATE TABLE invoice_taxes (
    id BIGSERIAL NOT NULL, 
    invoice_id BIGINT NOT NULL, 
    tax_rate_id BIGINT NOT NULL, 
    name TEXT NOT NULL, 
    rate_percent NUMERIC(7, 4) NOT NULL, 
    base_minor BIGINT NOT NULL, 
    tax_minor BIGINT NOT NULL, 
    CONSTRAINT pk_invoice_taxes PRIMARY KEY (id), 
    CONSTRAINT fk_invoice_taxes_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoices (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_invoice_taxes_tax_rate_id FOREIGN KEY(tax_rate_id) REFERENCES tax_rates (id) ON DELETE RESTRICT
);

CREATE INDEX ix_invoice_taxes_invoice_id ON invoice_taxes (invoice_id);

CREATE TABLE payment_allocations (
    id BIGSERIAL NOT NULL, 
    payment_id BIGINT NOT NULL, 
    invoice_id BIGINT NOT NULL, 
    amount_minor BIGINT NOT NULL, 
    allocated_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    released_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_payment_allocations PRIMARY KEY (id), 
    CONSTRAINT ck_payment_allocations_amount_minor CHECK (amount_minor > 0), 
    CONSTRAINT fk_payment_allocations_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoices (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_payment_allocations_payment_id FOREIGN KEY(payment_id) REFERENCES payments (id) ON DELETE RESTRICT
);

CREATE INDEX ix_payment_allocations_invoice_id ON payment_allocations (invoice_id);

CREATE INDEX ix_payment_allocations_payment_id ON payment_allocations (payment_id);

CREATE TABLE subscriptions (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    installation_id BIGINT, 
    status TEXT NOT NULL, 
    status_reason TEXT DEFAULT '' NOT NULL, 
    start_on DATE NOT NULL, 
    suspended_on DATE, 
    end_on DATE, 
    anchor_day SMALLINT NOT NULL, 
    billed_until DATE NOT NULL, 
    external_reference TEXT, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_subscriptions PRIMARY KEY (id), 
    CONSTRAINT ck_subscriptions_suspended_on CHECK (status <> 'suspended' OR suspended_on IS NOT NULL), 
    CONSTRAINT ck_subscriptions_status CHECK (status IN ('active', 'suspended', 'ended')), 
    CONSTRAINT ck_subscriptions_anchor_day CHECK (anchor_day BETWEEN 1 AND 31), 
    CONSTRAINT ck_subscriptions_billed_until CHECK (billed_until >= start_on), 
    CONSTRAINT ck_subscriptions_end_on CHECK (end_on >= start_on), 
    CONSTRAINT fk_subscriptions_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_subscriptions_installation_id FOREIGN KEY(installation_id) REFERENCES installations (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_subscriptions_external_reference UNIQUE (external_reference)
);

CREATE INDEX ix_subscriptions_customer_id ON subscriptions (customer_id);

CREATE INDEX ix_subscriptions_due ON subscriptions (billed_until, customer_id) WHERE status = 'active';

CREATE INDEX ix_subscriptions_end_on ON subscriptions (end_on) WHERE end_on IS NOT NULL AND status <> 'ended';

CREATE TABLE subscription_components (
    id BIGSERIAL NOT NULL, 
    subscription_id BIGINT NOT NULL, 
    plan_id BIGINT NOT NULL, 
    quantity BIGINT DEFAULT 1 NOT NULL, 
    unit_price_minor BIGINT NOT NULL, 
    CONSTRAINT pk_subscription_components PRIMARY KEY (id), 
    CONSTRAINT ck_subscription_components_quantity CHECK (quantity > 0), 
    CONSTRAINT ck_subscription_components_unit_price_minor CHECK (unit_price_minor >= 0), 
    CONSTRAINT fk_subscription_components_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_subscription_components_subscription_id FOREIGN KEY(subscription_id) REFERENCES subscriptions (id) ON DELETE RESTRICT
);

CREATE INDEX ix_subscription_components_plan_id ON subscription_components (plan_id, unit_price_minor);

CREATE INDEX ix_subscription_components_subscription_id ON subscription_components (subscription_id);

CREATE TABLE invoice_lines (
    id BIGSERIAL NOT NULL, 
    invoice_id BIGINT NOT NULL, 
    position SMALLINT NOT NULL, 
    subscription_id BIGINT, 
    component_id BIGINT, 
    description TEXT NOT NULL, 
    arithmetic TEXT DEFAULT '' NOT NULL, 
    period_start DATE, 
    period_end DATE, 
    quantity BIGINT NOT NULL, 
    unit_price_minor BIGINT NOT NULL, 
    amount_minor BIGINT NOT NULL, 
    net_minor BIGINT NOT NULL, 
    tax_minor BIGINT NOT NULL, 
    tax_rate_id BIGINT, 
    is_live BOOLEAN DEFAULT true NOT NULL, 
    CONSTRAINT pk_invoice_lines PRIMARY KEY (id), 
    CONSTRAINT fk_invoice_lines_component_id FOREIGN KEY(component_id) REFERENCES subscription_components (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_invoice_lines_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoices (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_invoice_lines_subscription_id FOREIGN KEY(subscription_id) REFERENCES subscriptions (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_invoice_lines_tax_rate_id FOREIGN KEY(tax_rate_id) REFERENCES tax_rates (id) ON DELETE RESTRICT
);

CREATE INDEX ix_invoice_lines_invoice_id ON invoice_lines (invoice_id);

CREATE UNIQUE INDEX uq_invoice_lines_live_charge ON invoice_lines (subscription_id, component_id, period_start) WHERE is_live AND component_id IS NOT NULL;

-- Trigger functions of a tenant. No percent sign may stand here: rendering a migration as SQL doubles it. Each names its search path (the tenant's own schema at creation) and touches nothing else.

CREATE FUNCTION check_entry_balances() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    total bigint;
    sides integer;
BEGIN
    SELECT coalesce(sum(amount_minor), 0), count(*) INTO total, sides FROM journal_postings WHERE entry_id = NEW.id;
    IF total <> 0 OR sides < 2 THEN
        RAISE EXCEPTION USING MESSAGE = 'journal entry ' || NEW.id || ' does not balance',
            ERRCODE = 'check_violation', CONSTRAINT = 'ck_journal_entries_balanced';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER journal_entries_balanced AFTER INSERT ON journal_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entry_balances();

CREATE FUNCTION check_postings_balance() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    crooked bigint;
BEGIN
    SELECT p.entry_id INTO crooked FROM journal_postings p
        WHERE p.entry_id IN (SELECT entry_id FROM added) GROUP BY p.entry_id HAVING sum(p.amount_minor) <> 0 LIMIT 1;
    IF crooked IS NOT NULL THEN
        RAISE EXCEPTION USING MESSAGE = 'journal entry ' || crooked || ' does not balance',
            ERRCODE = 'check_violation', CONSTRAINT = 'ck_journal_entries_balanced';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER journal_postings_balance AFTER INSERT ON journal_postings
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_postings_balance();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' rows are append-only', ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER journal_entries_frozen BEFORE UPDATE OR DELETE ON journal_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_postings_frozen BEFORE UPDATE OR DELETE ON journal_postings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entries_frozen BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoice_taxes_frozen BEFORE UPDATE OR DELETE ON invoice_taxes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER company_identities_frozen BEFORE UPDATE OR DELETE ON company_identities
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoices_kept BEFORE DELETE ON invoices FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoice_lines_kept BEFORE DELETE ON invoice_lines FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payments_kept BEFORE DELETE ON payments FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A frozen row may change only in the columns the trigger is given.
CREATE FUNCTION freeze_except() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF to_jsonb(OLD) - TG_ARGV IS DISTINCT FROM to_jsonb(NEW) - TG_ARGV THEN
        RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' rows are frozen once issued',
            ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER invoices_frozen BEFORE UPDATE ON invoices
    FOR EACH ROW EXECUTE FUNCTION freeze_except('status', 'settled_on', 'voided_on', 'void_reason');
CREATE TRIGGER invoice_lines_frozen BEFORE UPDATE ON invoice_lines
    FOR EACH ROW EXECUTE FUNCTION freeze_except('is_live');
CREATE TRIGGER payments_frozen BEFORE UPDATE ON payments
    FOR EACH ROW EXECUTE FUNCTION freeze_except('status', 'applied_on', 'reversed_on', 'reversal_reason');
CREATE TRIGGER payment_allocations_frozen BEFORE UPDATE ON payment_allocations
    FOR EACH ROW EXECUTE FUNCTION freeze_except('released_at');

INSERT INTO alembic_version (version_num) VALUES ('0001') RETURNING alembic_version.version_num;

-- Running upgrade 0001 -> 0002

CREATE TABLE stored_files (
    id BIGSERIAL NOT NULL, 
    name TEXT NOT NULL, 
    content_type TEXT NOT NULL, 
    size_bytes BIGINT NOT NULL, 
    sha256 TEXT NOT NULL, 
    content BYTEA NOT NULL, 
    uploaded_by TEXT DEFAULT '' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_stored_files PRIMARY KEY (id), 
    CONSTRAINT ck_stored_files_content CHECK (octet_length(content) = size_bytes), 
    CONSTRAINT ck_stored_files_size_bytes CHECK (size_bytes BETWEEN 1 AND 5242880)
);

UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = '0001';

-- Running upgrade 0002 -> 0003

INSERT INTO ledger_accounts (code, name, kind, purpose)
SELECT fresh.code, fresh.name, fresh.kind, fresh.purpose FROM (VALUES
    ('1020', 'Gateway clearing', 'asset', 'gateway_clearing'),
    ('1300', 'Creditable withholding tax', 'asset', 'withholding'),
    ('2100', 'Deferred revenue', 'liability', 'deferred_revenue'),
    ('2150', 'Customer deposits', 'liability', 'deposits'),
    ('3000', 'Opening balances', 'equity', 'opening'),
    ('4100', 'Usage revenue', 'income', 'usage_revenue'),
    ('4200', 'One-time fees and other income', 'income', 'other_income'),
    ('4300', 'Late fees', 'income', 'late_fees'),
    ('4900', 'Discounts given', 'income', 'discounts'),
    ('6100', 'Bad debts', 'expense', 'bad_debt'),
    ('6900', 'Cash rounding', 'expense', 'rounding')
) AS fresh (code, name, kind, purpose) WHERE EXISTS (SELECT FROM ledger_accounts);

INSERT INTO number_series (kind, prefix)
SELECT fresh.kind, fresh.prefix FROM (VALUES
    ('credit_note', 'CN-'), ('debit_note', 'DN-'), ('proforma', 'PF-'), ('refund', 'RF-')
) AS fresh (kind, prefix) WHERE EXISTS (SELECT FROM number_series);

UPDATE alembic_version SET version_num='0003' WHERE alembic_version.version_num = '0002';

-- Running upgrade 0003 -> 0004

CREATE TABLE routers (
    id BIGSERIAL NOT NULL, 
    brand TEXT NOT NULL, 
    model TEXT NOT NULL, 
    serial_number TEXT NOT NULL, 
    mac_address TEXT, 
    status TEXT NOT NULL, 
    status_since DATE NOT NULL, 
    status_reason TEXT DEFAULT '' NOT NULL, 
    notes TEXT DEFAULT '' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    search_text TEXT GENERATED ALWAYS AS (lower(brand || ' ' || model || ' ' || serial_number || ' ' || coalesce(replace(mac_address, ':', ''), ''))) STORED NOT NULL, 
    CONSTRAINT pk_routers PRIMARY KEY (id), 
    CONSTRAINT ck_routers_status CHECK (status IN ('in_stock', 'assigned', 'returned', 'faulty', 'retired')), 
    CONSTRAINT uq_routers_mac_address UNIQUE (mac_address), 
    CONSTRAINT uq_routers_serial_number UNIQUE (serial_number)
);

CREATE INDEX ix_routers_brand ON routers (brand, model, id);

CREATE INDEX ix_routers_search_text ON routers USING gin (search_text extensions.gin_trgm_ops);

CREATE INDEX ix_routers_status ON routers (status, id);

CREATE TABLE router_assignments (
    id BIGSERIAL NOT NULL, 
    router_id BIGINT NOT NULL, 
    installation_id BIGINT NOT NULL, 
    assigned_on DATE NOT NULL, 
    assigned_by TEXT NOT NULL, 
    returned_on DATE, 
    returned_by TEXT, 
    return_note TEXT DEFAULT '' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_router_assignments PRIMARY KEY (id), 
    CONSTRAINT ck_router_assignments_returned_on CHECK (returned_on >= assigned_on), 
    CONSTRAINT fk_router_assignments_installation_id FOREIGN KEY(installation_id) REFERENCES installations (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_router_assignments_router_id FOREIGN KEY(router_id) REFERENCES routers (id) ON DELETE RESTRICT
);

CREATE INDEX ix_router_assignments_installation_id ON router_assignments (installation_id, id);

CREATE INDEX ix_router_assignments_router_id ON router_assignments (router_id, id);

CREATE UNIQUE INDEX uq_router_assignments_live ON router_assignments (router_id) WHERE returned_on IS NULL;

UPDATE alembic_version SET version_num='0004' WHERE alembic_version.version_num = '0003';

-- Running upgrade 0004 -> 0005

CREATE TABLE lcps (
    id BIGSERIAL NOT NULL, 
    code TEXT NOT NULL, 
    name TEXT NOT NULL, 
    splitter_capacity SMALLINT DEFAULT 8 NOT NULL, 
    area_id BIGINT, 
    address TEXT DEFAULT '' NOT NULL, 
    latitude NUMERIC(9, 6), 
    longitude NUMERIC(9, 6), 
    accuracy TEXT DEFAULT 'exact' NOT NULL, 
    notes TEXT DEFAULT '' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_lcps PRIMARY KEY (id), 
    CONSTRAINT ck_lcps_accuracy CHECK (accuracy IN ('exact', 'approximate', 'address', 'manual')), 
    CONSTRAINT ck_lcps_coordinates CHECK ((latitude IS NULL) = (longitude IS NULL)), 
    CONSTRAINT ck_lcps_splitter_capacity CHECK (splitter_capacity BETWEEN 1 AND 128), 
    CONSTRAINT fk_lcps_area_id FOREIGN KEY(area_id) REFERENCES areas (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_lcps_code UNIQUE (code)
);

CREATE INDEX ix_lcps_area_id ON lcps (area_id);

CREATE INDEX ix_lcps_name ON lcps (name, id);

CREATE TABLE splitters (
    id BIGSERIAL NOT NULL, 
    lcp_id BIGINT NOT NULL, 
    code TEXT NOT NULL, 
    output_count SMALLINT NOT NULL, 
    notes TEXT DEFAULT '' NOT NULL, 
    CONSTRAINT pk_splitters PRIMARY KEY (id), 
    CONSTRAINT ck_splitters_output_count CHECK (output_count IN (2, 4, 8, 16, 32, 64)), 
    CONSTRAINT fk_splitters_lcp_id FOREIGN KEY(lcp_id) REFERENCES lcps (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_splitters_lcp_id_code UNIQUE (lcp_id, code)
);

CREATE TABLE naps (
    id BIGSERIAL NOT NULL, 
    splitter_id BIGINT NOT NULL, 
    code TEXT NOT NULL, 
    port_count SMALLINT DEFAULT 8 NOT NULL, 
    max_drop_metres SMALLINT DEFAULT 100 NOT NULL, 
    area_id BIGINT, 
    address TEXT DEFAULT '' NOT NULL, 
    latitude NUMERIC(9, 6), 
    longitude NUMERIC(9, 6), 
    accuracy TEXT DEFAULT 'exact' NOT NULL, 
    notes TEXT DEFAULT '' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_naps PRIMARY KEY (id), 
    CONSTRAINT ck_naps_accuracy CHECK (accuracy IN ('exact', 'approximate', 'address', 'manual')), 
    CONSTRAINT ck_naps_coordinates CHECK ((latitude IS NULL) = (longitude IS NULL)), 
    CONSTRAINT ck_naps_max_drop_metres CHECK (max_drop_metres BETWEEN 1 AND 5000), 
    CONSTRAINT ck_naps_port_count CHECK (port_count BETWEEN 1 AND 64), 
    CONSTRAINT fk_naps_area_id FOREIGN KEY(area_id) REFERENCES areas (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_naps_splitter_id FOREIGN KEY(splitter_id) REFERENCES splitters (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_naps_code UNIQUE (code)
);

CREATE INDEX ix_naps_area_id ON naps (area_id);

CREATE INDEX ix_naps_place ON naps (latitude, longitude);

CREATE INDEX ix_naps_splitter_id ON naps (splitter_id);

CREATE TABLE nap_ports (
    id BIGSERIAL NOT NULL, 
    nap_id BIGINT NOT NULL, 
    number SMALLINT NOT NULL, 
    condition TEXT DEFAULT 'good' NOT NULL, 
    note TEXT DEFAULT '' NOT NULL, 
    is_used BOOLEAN DEFAULT false NOT NULL, 
    CONSTRAINT pk_nap_ports PRIMARY KEY (id), 
    CONSTRAINT ck_nap_ports_condition CHECK (condition IN ('good', 'reserved', 'faulty')), 
    CONSTRAINT ck_nap_ports_number CHECK (number BETWEEN 1 AND 64), 
    CONSTRAINT fk_nap_ports_nap_id FOREIGN KEY(nap_id) REFERENCES naps (id) ON DELETE CASCADE, 
    CONSTRAINT uq_nap_ports_nap_id_number UNIQUE (nap_id, number)
);

CREATE INDEX ix_nap_ports_free ON nap_ports (nap_id) WHERE condition = 'good' AND NOT is_used;

UPDATE alembic_version SET version_num='0005' WHERE alembic_version.version_num = '0004';

-- Running upgrade 0005 -> 0006

CREATE TABLE books_closings (
    id BIGSERIAL NOT NULL, 
    closed_until_before DATE, 
    closed_until DATE NOT NULL, 
    reason TEXT DEFAULT '' NOT NULL, 
    closed_by TEXT NOT NULL, 
    closed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_books_closings PRIMARY KEY (id), 
    CONSTRAINT ck_books_closings_reason CHECK (closed_until > closed_until_before OR closed_until_before IS NULL OR reason <> ''), 
    CONSTRAINT ck_books_closings_moved CHECK (closed_until IS DISTINCT FROM closed_until_before)
);

ALTER TABLE company_settings ADD COLUMN books_closed_until DATE;

CREATE INDEX ix_journal_postings_account_id ON journal_postings (account_id, entry_id);

ALTER TABLE ledger_accounts ADD COLUMN is_active BOOLEAN DEFAULT true NOT NULL;

ALTER TABLE ledger_accounts ADD CONSTRAINT ck_ledger_accounts_purpose_active CHECK (is_active OR purpose IS NULL);

CREATE FUNCTION check_books_open() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    line date;
    earliest date;
BEGIN
    SELECT books_closed_until INTO line FROM company_settings WHERE id = 1 FOR KEY SHARE;
    IF line IS NOT NULL THEN
        SELECT min(posted_on) INTO earliest FROM added;
        IF earliest < line THEN
            RAISE EXCEPTION USING MESSAGE = 'the books of ' || earliest || ' are closed',
                ERRCODE = 'check_violation', CONSTRAINT = 'ck_journal_entries_open';
        END IF;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER journal_entries_open AFTER INSERT ON journal_entries
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION check_books_open();

CREATE TRIGGER books_closings_frozen BEFORE UPDATE OR DELETE ON books_closings
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

UPDATE alembic_version SET version_num='0006' WHERE alembic_version.version_num = '0005';

-- Running upgrade 0006 -> 0007

CREATE TABLE tax_rate_versions (
    id BIGSERIAL NOT NULL, 
    tax_rate_id BIGINT NOT NULL, 
    valid_from DATE NOT NULL, 
    CONSTRAINT pk_tax_rate_versions PRIMARY KEY (id), 
    CONSTRAINT fk_tax_rate_versions_tax_rate_id FOREIGN KEY(tax_rate_id) REFERENCES tax_rates (id) ON DELETE CASCADE, 
    CONSTRAINT uq_tax_rate_versions_tax_rate_id_valid_from UNIQUE (tax_rate_id, valid_from)
);

CREATE TABLE tax_rate_parts (
    id BIGSERIAL NOT NULL, 
    version_id BIGINT NOT NULL, 
    position SMALLINT NOT NULL, 
    name TEXT NOT NULL, 
    kind TEXT DEFAULT 'percent' NOT NULL, 
    rate_percent NUMERIC(7, 4) DEFAULT 0 NOT NULL, 
    amount_minor BIGINT DEFAULT 0 NOT NULL, 
    is_inclusive BOOLEAN DEFAULT false NOT NULL, 
    raises_next BOOLEAN DEFAULT false NOT NULL, 
    ignores_previous BOOLEAN DEFAULT false NOT NULL, 
    CONSTRAINT pk_tax_rate_parts PRIMARY KEY (id), 
    CONSTRAINT ck_tax_rate_parts_kind CHECK (kind IN ('percent', 'division', 'per_unit', 'per_document')), 
    CONSTRAINT ck_tax_rate_parts_amount_minor CHECK (amount_minor >= 0), 
    CONSTRAINT ck_tax_rate_parts_rate_percent CHECK (rate_percent >= 0 AND rate_percent < 100), 
    CONSTRAINT fk_tax_rate_parts_version_id FOREIGN KEY(version_id) REFERENCES tax_rate_versions (id) ON DELETE CASCADE, 
    CONSTRAINT uq_tax_rate_parts_version_id_position UNIQUE (version_id, position)
);

INSERT INTO tax_rate_versions (tax_rate_id, valid_from) SELECT id, DATE '1900-01-01' FROM tax_rates;

INSERT INTO tax_rate_parts (version_id, position, name, rate_percent, is_inclusive)
        SELECT v.id, 1, t.name, t.rate_percent, t.mode = 'inclusive'
        FROM tax_rate_versions v JOIN tax_rates t ON t.id = v.tax_rate_id;

UPDATE alembic_version SET version_num='0007' WHERE alembic_version.version_num = '0006';

-- Running upgrade 0007 -> 0008

CREATE TABLE installation_photos (
    id BIGSERIAL NOT NULL, 
    installation_id BIGINT NOT NULL, 
    file_id BIGINT NOT NULL, 
    caption TEXT DEFAULT '' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_installation_photos PRIMARY KEY (id), 
    CONSTRAINT fk_installation_photos_file_id FOREIGN KEY(file_id) REFERENCES stored_files (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_installation_photos_installation_id FOREIGN KEY(installation_id) REFERENCES installations (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_installation_photos_file_id UNIQUE (file_id)
);

CREATE INDEX ix_installation_photos_installation_id ON installation_photos (installation_id, id);

CREATE TABLE port_connections (
    id BIGSERIAL NOT NULL, 
    installation_id BIGINT NOT NULL, 
    port_id BIGINT NOT NULL, 
    drop_metres BIGINT, 
    override_reason TEXT DEFAULT '' NOT NULL, 
    connected_by TEXT DEFAULT '' NOT NULL, 
    connected_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    released_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_port_connections PRIMARY KEY (id), 
    CONSTRAINT ck_port_connections_drop_metres CHECK (drop_metres >= 0), 
    CONSTRAINT ck_port_connections_released_at CHECK (released_at >= connected_at), 
    CONSTRAINT fk_port_connections_installation_id FOREIGN KEY(installation_id) REFERENCES installations (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_port_connections_port_id FOREIGN KEY(port_id) REFERENCES nap_ports (id) ON DELETE RESTRICT
);

CREATE INDEX ix_port_connections_installation_id ON port_connections (installation_id, id);

CREATE INDEX ix_port_connections_port_id ON port_connections (port_id, id);

CREATE UNIQUE INDEX uq_port_connections_live_installation ON port_connections (installation_id) WHERE released_at IS NULL;

CREATE UNIQUE INDEX uq_port_connections_live_port ON port_connections (port_id) WHERE released_at IS NULL;

UPDATE alembic_version SET version_num='0008' WHERE alembic_version.version_num = '0007';

-- Running upgrade 0008 -> 0009

CREATE TABLE canned_answers (
    id BIGSERIAL NOT NULL, 
    title TEXT NOT NULL, 
    body TEXT NOT NULL, 
    CONSTRAINT pk_canned_answers PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_canned_answers_title ON canned_answers (lower(title));

CREATE TABLE service_targets (
    id BIGSERIAL NOT NULL, 
    priority TEXT NOT NULL, 
    response_hours BIGINT NOT NULL, 
    resolution_hours BIGINT NOT NULL, 
    CONSTRAINT pk_service_targets PRIMARY KEY (id), 
    CONSTRAINT ck_service_targets_priority CHECK (priority IN ('urgent', 'high', 'normal', 'low')), 
    CONSTRAINT ck_service_targets_resolution_hours CHECK (resolution_hours BETWEEN response_hours AND 2000), 
    CONSTRAINT ck_service_targets_response_hours CHECK (response_hours BETWEEN 1 AND 2000), 
    CONSTRAINT uq_service_targets_priority UNIQUE (priority)
);

CREATE TABLE ticket_categories (
    id BIGSERIAL NOT NULL, 
    name TEXT NOT NULL, 
    is_active BOOLEAN DEFAULT true NOT NULL, 
    CONSTRAINT pk_ticket_categories PRIMARY KEY (id)
);

CREATE UNIQUE INDEX uq_ticket_categories_name ON ticket_categories (lower(name));

CREATE TABLE ticket_years (
    id BIGSERIAL NOT NULL, 
    year BIGINT NOT NULL, 
    next_number BIGINT NOT NULL, 
    CONSTRAINT pk_ticket_years PRIMARY KEY (id), 
    CONSTRAINT ck_ticket_years_next_number CHECK (next_number > 0), 
    CONSTRAINT uq_ticket_years_year UNIQUE (year)
);

CREATE TABLE tickets (
    id BIGSERIAL NOT NULL, 
    number TEXT NOT NULL, 
    subject TEXT NOT NULL, 
    description TEXT DEFAULT '' NOT NULL, 
    contact TEXT DEFAULT '' NOT NULL, 
    category_id BIGINT NOT NULL, 
    priority TEXT NOT NULL, 
    source TEXT NOT NULL, 
    status TEXT DEFAULT 'open' NOT NULL, 
    status_since TIMESTAMP WITH TIME ZONE NOT NULL, 
    status_reason TEXT DEFAULT '' NOT NULL, 
    customer_id BIGINT, 
    assignee_id BIGINT, 
    merged_into_id BIGINT, 
    opened_by TEXT NOT NULL, 
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    first_response_at TIMESTAMP WITH TIME ZONE, 
    resolved_at TIMESTAMP WITH TIME ZONE, 
    resolved_by_id BIGINT, 
    reopened_count BIGINT DEFAULT 0 NOT NULL, 
    response_hours BIGINT NOT NULL, 
    resolution_hours BIGINT NOT NULL, 
    paused_at TIMESTAMP WITH TIME ZONE, 
    paused_seconds BIGINT DEFAULT 0 NOT NULL, 
    response_due_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    resolution_due_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    response_late_at TIMESTAMP WITH TIME ZONE, 
    resolution_late_at TIMESTAMP WITH TIME ZONE, 
    search_text TEXT GENERATED ALWAYS AS (lower(number || ' ' || subject || ' ' || contact)) STORED NOT NULL, 
    CONSTRAINT pk_tickets PRIMARY KEY (id), 
    CONSTRAINT ck_tickets_paused_at CHECK ((status = 'waiting') = (paused_at IS NOT NULL)), 
    CONSTRAINT ck_tickets_resolved_at CHECK ((status IN ('resolved', 'closed')) = (resolved_at IS NOT NULL)), 
    CONSTRAINT ck_tickets_priority CHECK (priority IN ('urgent', 'high', 'normal', 'low')), 
    CONSTRAINT ck_tickets_source CHECK (source IN ('phone', 'messenger', 'walk_in', 'sms', 'portal', 'email')), 
    CONSTRAINT ck_tickets_status CHECK (status IN ('open', 'in_progress', 'waiting', 'resolved', 'closed', 'removed')), 
    CONSTRAINT ck_tickets_merged_into_id CHECK (merged_into_id <> id), 
    CONSTRAINT fk_tickets_assignee_id FOREIGN KEY(assignee_id) REFERENCES users (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_tickets_category_id FOREIGN KEY(category_id) REFERENCES ticket_categories (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_tickets_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_tickets_merged_into_id FOREIGN KEY(merged_into_id) REFERENCES tickets (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_tickets_resolved_by_id FOREIGN KEY(resolved_by_id) REFERENCES users (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_tickets_number UNIQUE (number)
);

CREATE INDEX ix_tickets_assignee_id ON tickets (assignee_id, id);

CREATE INDEX ix_tickets_category_id ON tickets (category_id, id);

CREATE INDEX ix_tickets_customer_id ON tickets (customer_id, id);

CREATE INDEX ix_tickets_late ON tickets (id) WHERE response_late_at IS NOT NULL OR resolution_late_at IS NOT NULL;

CREATE INDEX ix_tickets_merged_into_id ON tickets (merged_into_id) WHERE merged_into_id IS NOT NULL;

CREATE INDEX ix_tickets_opened_at ON tickets (opened_at, id);

CREATE INDEX ix_tickets_priority ON tickets (priority, id);

CREATE INDEX ix_tickets_resolution_coming ON tickets (resolution_due_at) WHERE resolution_late_at IS NULL AND status IN ('open', 'in_progress', 'waiting');

CREATE INDEX ix_tickets_resolution_due_at ON tickets (resolution_due_at, id);

CREATE INDEX ix_tickets_resolved_at ON tickets (resolved_at, id);

CREATE INDEX ix_tickets_response_coming ON tickets (response_due_at) WHERE first_response_at IS NULL AND response_late_at IS NULL AND status IN ('open', 'in_progress', 'waiting');

CREATE INDEX ix_tickets_search_text ON tickets USING gin (search_text extensions.gin_trgm_ops);

CREATE INDEX ix_tickets_status ON tickets (status, id);

CREATE INDEX ix_tickets_unassigned ON tickets (id) WHERE assignee_id IS NULL AND status IN ('open', 'in_progress', 'waiting');

CREATE INDEX ix_tickets_unresolved ON tickets (id) WHERE status IN ('open', 'in_progress', 'waiting');

CREATE TABLE ticket_attachments (
    id BIGSERIAL NOT NULL, 
    ticket_id BIGINT NOT NULL, 
    file_id BIGINT NOT NULL, 
    CONSTRAINT pk_ticket_attachments PRIMARY KEY (id), 
    CONSTRAINT fk_ticket_attachments_file_id FOREIGN KEY(file_id) REFERENCES stored_files (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_ticket_attachments_ticket_id FOREIGN KEY(ticket_id) REFERENCES tickets (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_ticket_attachments_file_id UNIQUE (file_id)
);

CREATE INDEX ix_ticket_attachments_ticket_id ON ticket_attachments (ticket_id, id);

CREATE TABLE ticket_comments (
    id BIGSERIAL NOT NULL, 
    ticket_id BIGINT NOT NULL, 
    author_id BIGINT, 
    author_name TEXT NOT NULL, 
    is_public BOOLEAN NOT NULL, 
    body TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_ticket_comments PRIMARY KEY (id), 
    CONSTRAINT fk_ticket_comments_author_id FOREIGN KEY(author_id) REFERENCES users (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_ticket_comments_ticket_id FOREIGN KEY(ticket_id) REFERENCES tickets (id) ON DELETE RESTRICT
);

CREATE INDEX ix_ticket_comments_ticket_id ON ticket_comments (ticket_id, id);

CREATE TABLE ticket_events (
    id BIGSERIAL NOT NULL, 
    ticket_id BIGINT NOT NULL, 
    kind TEXT NOT NULL, 
    before TEXT DEFAULT '' NOT NULL, 
    after TEXT DEFAULT '' NOT NULL, 
    note TEXT DEFAULT '' NOT NULL, 
    actor_name TEXT NOT NULL, 
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_ticket_events PRIMARY KEY (id), 
    CONSTRAINT ck_ticket_events_kind CHECK (kind IN ('opened', 'moved', 'assigned', 'changed', 'merged', 'late')), 
    CONSTRAINT fk_ticket_events_ticket_id FOREIGN KEY(ticket_id) REFERENCES tickets (id) ON DELETE RESTRICT
);

CREATE INDEX ix_ticket_events_ticket_id ON ticket_events (ticket_id, id);

INSERT INTO ticket_categories (name)
        SELECT name FROM unnest(ARRAY['No connection', 'Slow connection', 'Intermittent connection', 'Router',
            'Billing', 'Relocation', 'Upgrade', 'Downgrade']) name
        WHERE EXISTS (SELECT FROM company_settings);

INSERT INTO service_targets (priority, response_hours, resolution_hours)
        SELECT priority, response_hours, resolution_hours
        FROM (VALUES ('urgent', 1, 4), ('high', 2, 24), ('normal', 8, 48), ('low', 24, 120))
            AS given (priority, response_hours, resolution_hours)
        WHERE EXISTS (SELECT FROM company_settings);

UPDATE alembic_version SET version_num='0009' WHERE alembic_version.version_num = '0008';

-- Running upgrade 0009 -> 0010

CREATE TABLE prepaid_subscriptions (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    installation_id BIGINT, 
    plan_id BIGINT NOT NULL, 
    successor_id BIGINT, 
    status TEXT DEFAULT 'active' NOT NULL, 
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    remind_at TIMESTAMP WITH TIME ZONE, 
    cancelled_at TIMESTAMP WITH TIME ZONE, 
    cancel_reason TEXT DEFAULT '' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_prepaid_subscriptions PRIMARY KEY (id), 
    CONSTRAINT ck_prepaid_subscriptions_cancelled_at CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL)), 
    CONSTRAINT ck_prepaid_subscriptions_status CHECK (status IN ('active', 'expired', 'cancelled')), 
    CONSTRAINT fk_prepaid_subscriptions_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_prepaid_subscriptions_installation_id FOREIGN KEY(installation_id) REFERENCES installations (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_prepaid_subscriptions_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_prepaid_subscriptions_successor_id FOREIGN KEY(successor_id) REFERENCES subscriptions (id) ON DELETE RESTRICT
);

CREATE INDEX ix_prepaid_subscriptions_created_at ON prepaid_subscriptions (created_at, id);

CREATE INDEX ix_prepaid_subscriptions_customer_id ON prepaid_subscriptions (customer_id);

CREATE INDEX ix_prepaid_subscriptions_plan_id ON prepaid_subscriptions (plan_id);

CREATE INDEX ix_prepaid_subscriptions_remind_at ON prepaid_subscriptions (remind_at) WHERE remind_at IS NOT NULL;

CREATE INDEX ix_prepaid_subscriptions_running ON prepaid_subscriptions (expires_at, id) WHERE status = 'active';

CREATE INDEX ix_prepaid_subscriptions_status ON prepaid_subscriptions (status, created_at, id);

CREATE UNIQUE INDEX uq_prepaid_subscriptions_line ON prepaid_subscriptions (installation_id) WHERE status <> 'cancelled';

CREATE TABLE prepaid_loads (
    id BIGSERIAL NOT NULL, 
    subscription_id BIGINT NOT NULL, 
    plan_id BIGINT NOT NULL, 
    invoice_id BIGINT NOT NULL, 
    payment_id BIGINT, 
    kind TEXT NOT NULL, 
    amount_minor BIGINT NOT NULL, 
    net_minor BIGINT NOT NULL, 
    tax_minor BIGINT NOT NULL, 
    seconds_granted BIGINT NOT NULL, 
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    recognised_minor BIGINT DEFAULT 0 NOT NULL, 
    idempotency_key TEXT, 
    created_by TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    cancelled_at TIMESTAMP WITH TIME ZONE, 
    cancel_reason TEXT DEFAULT '' NOT NULL, 
    credited_minor BIGINT DEFAULT 0 NOT NULL, 
    CONSTRAINT pk_prepaid_loads PRIMARY KEY (id), 
    CONSTRAINT ck_prepaid_loads_kind CHECK (kind IN ('one_month', 'fifteen_days', 'custom')), 
    CONSTRAINT ck_prepaid_loads_amount_minor CHECK (amount_minor > 0 AND seconds_granted > 0), 
    CONSTRAINT ck_prepaid_loads_credited_minor CHECK (credited_minor BETWEEN 0 AND net_minor + tax_minor), 
    CONSTRAINT ck_prepaid_loads_ends_at CHECK (ends_at >= starts_at), 
    CONSTRAINT ck_prepaid_loads_recognised_minor CHECK (recognised_minor BETWEEN 0 AND net_minor), 
    CONSTRAINT fk_prepaid_loads_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoices (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_prepaid_loads_payment_id FOREIGN KEY(payment_id) REFERENCES payments (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_prepaid_loads_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_prepaid_loads_subscription_id FOREIGN KEY(subscription_id) REFERENCES prepaid_subscriptions (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_prepaid_loads_idempotency_key UNIQUE (idempotency_key), 
    CONSTRAINT uq_prepaid_loads_invoice_id UNIQUE (invoice_id)
);

CREATE INDEX ix_prepaid_loads_deferred ON prepaid_loads (id) WHERE recognised_minor < net_minor AND cancelled_at IS NULL;

CREATE INDEX ix_prepaid_loads_payment_id ON prepaid_loads (payment_id);

CREATE INDEX ix_prepaid_loads_subscription_id ON prepaid_loads (subscription_id, id);

UPDATE alembic_version SET version_num='0010' WHERE alembic_version.version_num = '0009';

-- Running upgrade 0010 -> 0011

CREATE TABLE books_checks (
    id BIGSERIAL NOT NULL, 
    checked_on DATE NOT NULL, 
    checked_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    checked_by TEXT NOT NULL, 
    finding_count BIGINT NOT NULL, 
    results JSONB NOT NULL, 
    CONSTRAINT pk_books_checks PRIMARY KEY (id), 
    CONSTRAINT ck_books_checks_finding_count CHECK (finding_count >= 0)
);

CREATE TRIGGER books_checks_frozen BEFORE UPDATE OR DELETE ON books_checks
            FOR EACH ROW EXECUTE FUNCTION refuse_change();

UPDATE alembic_version SET version_num='0011' WHERE alembic_version.version_num = '0010';

-- Running upgrade 0011 -> 0012

CREATE TABLE discounts (
    id BIGSERIAL NOT NULL, 
    name TEXT NOT NULL, 
    kind TEXT NOT NULL, 
    rate_percent NUMERIC(7, 4) DEFAULT 0 NOT NULL, 
    amount_minor BIGINT DEFAULT 0 NOT NULL, 
    periods SMALLINT, 
    rank SMALLINT DEFAULT 0 NOT NULL, 
    offered_from DATE, 
    offered_until DATE, 
    status TEXT DEFAULT 'active' NOT NULL, 
    description TEXT DEFAULT '' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_discounts PRIMARY KEY (id), 
    CONSTRAINT ck_discounts_kind CHECK (kind IN ('percent', 'amount', 'voucher')), 
    CONSTRAINT ck_discounts_status CHECK (status IN ('active', 'retired')), 
    CONSTRAINT ck_discounts_amount_minor CHECK (amount_minor >= 0), 
    CONSTRAINT ck_discounts_offered_until CHECK (offered_until > offered_from), 
    CONSTRAINT ck_discounts_periods CHECK (periods > 0), 
    CONSTRAINT ck_discounts_rate_percent CHECK (rate_percent >= 0 AND rate_percent <= 100), 
    CONSTRAINT uq_discounts_name UNIQUE (name)
);

CREATE TABLE discount_plans (
    id BIGSERIAL NOT NULL, 
    discount_id BIGINT NOT NULL, 
    plan_id BIGINT NOT NULL, 
    CONSTRAINT pk_discount_plans PRIMARY KEY (id), 
    CONSTRAINT fk_discount_plans_discount_id FOREIGN KEY(discount_id) REFERENCES discounts (id) ON DELETE CASCADE, 
    CONSTRAINT fk_discount_plans_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_discount_plans_discount_id_plan_id UNIQUE (discount_id, plan_id)
);

CREATE INDEX ix_discount_plans_plan_id ON discount_plans (plan_id);

CREATE TABLE tax_exemptions (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    tax_rate_id BIGINT, 
    reason TEXT NOT NULL, 
    certificate TEXT DEFAULT '' NOT NULL, 
    starts_on DATE NOT NULL, 
    ends_on DATE, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_tax_exemptions PRIMARY KEY (id), 
    CONSTRAINT ck_tax_exemptions_ends_on CHECK (ends_on > starts_on), 
    CONSTRAINT fk_tax_exemptions_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_tax_exemptions_tax_rate_id FOREIGN KEY(tax_rate_id) REFERENCES tax_rates (id) ON DELETE RESTRICT
);

CREATE INDEX ix_tax_exemptions_customer_id ON tax_exemptions (customer_id, starts_on, id);

CREATE INDEX ix_tax_exemptions_ends_on ON tax_exemptions (ends_on, id);

CREATE TABLE tax_withholdings (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    rate_percent NUMERIC(7, 4) NOT NULL, 
    starts_on DATE NOT NULL, 
    ends_on DATE, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_tax_withholdings PRIMARY KEY (id), 
    CONSTRAINT ck_tax_withholdings_ends_on CHECK (ends_on > starts_on), 
    CONSTRAINT ck_tax_withholdings_rate_percent CHECK (rate_percent > 0 AND rate_percent < 100), 
    CONSTRAINT fk_tax_withholdings_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT
);

CREATE INDEX ix_tax_withholdings_customer_id ON tax_withholdings (customer_id, starts_on, id);

CREATE TABLE discount_grants (
    id BIGSERIAL NOT NULL, 
    discount_id BIGINT NOT NULL, 
    customer_id BIGINT NOT NULL, 
    subscription_id BIGINT, 
    component_id BIGINT, 
    starts_on DATE NOT NULL, 
    ends_on DATE, 
    reason TEXT DEFAULT '' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_discount_grants PRIMARY KEY (id), 
    CONSTRAINT ck_discount_grants_ends_on CHECK (ends_on >= starts_on), 
    CONSTRAINT fk_discount_grants_component_id FOREIGN KEY(component_id) REFERENCES subscription_components (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_discount_grants_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_discount_grants_discount_id FOREIGN KEY(discount_id) REFERENCES discounts (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_discount_grants_subscription_id FOREIGN KEY(subscription_id) REFERENCES subscriptions (id) ON DELETE RESTRICT
);

CREATE INDEX ix_discount_grants_customer_id ON discount_grants (customer_id, id);

CREATE INDEX ix_discount_grants_discount_id ON discount_grants (discount_id, id);

CREATE INDEX ix_discount_grants_starts_on ON discount_grants (starts_on, id);

CREATE TABLE discount_uses (
    id BIGSERIAL NOT NULL, 
    grant_id BIGINT NOT NULL, 
    invoice_id BIGINT NOT NULL, 
    position SMALLINT NOT NULL, 
    subscription_id BIGINT, 
    begins_on DATE NOT NULL, 
    amount_minor BIGINT NOT NULL, 
    is_live BOOLEAN DEFAULT true NOT NULL, 
    CONSTRAINT pk_discount_uses PRIMARY KEY (id), 
    CONSTRAINT fk_discount_uses_grant_id FOREIGN KEY(grant_id) REFERENCES discount_grants (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_discount_uses_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoices (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_discount_uses_subscription_id FOREIGN KEY(subscription_id) REFERENCES subscriptions (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_discount_uses_invoice_id_position_grant_id UNIQUE (invoice_id, position, grant_id)
);

CREATE INDEX ix_discount_uses_grant_id ON discount_uses (grant_id) WHERE is_live;

CREATE TRIGGER discount_uses_frozen BEFORE UPDATE ON discount_uses
            FOR EACH ROW EXECUTE FUNCTION freeze_except('is_live');

CREATE TRIGGER discount_uses_kept BEFORE DELETE ON discount_uses
            FOR EACH ROW EXECUTE FUNCTION refuse_change();

UPDATE alembic_version SET version_num='0012' WHERE alembic_version.version_num = '0011';

-- Running upgrade 0012 -> 0013

CREATE TABLE custom_fields (
    id BIGSERIAL NOT NULL, 
    key TEXT NOT NULL, 
    label TEXT NOT NULL, 
    kind TEXT NOT NULL, 
    choices JSONB DEFAULT '[]' NOT NULL, 
    is_required BOOLEAN DEFAULT false NOT NULL, 
    is_in_use BOOLEAN DEFAULT true NOT NULL, 
    CONSTRAINT pk_custom_fields PRIMARY KEY (id), 
    CONSTRAINT ck_custom_fields_kind CHECK (kind IN ('text', 'number', 'date', 'choice')), 
    CONSTRAINT uq_custom_fields_key UNIQUE (key)
);

CREATE UNIQUE INDEX uq_custom_fields_label ON custom_fields (lower(label));

CREATE TABLE labels (
    id BIGSERIAL NOT NULL, 
    name TEXT NOT NULL, 
    colour TEXT NOT NULL, 
    CONSTRAINT pk_labels PRIMARY KEY (id), 
    CONSTRAINT ck_labels_colour CHECK (colour IN ('grey', 'blue', 'green', 'amber', 'red'))
);

CREATE UNIQUE INDEX uq_labels_name ON labels (lower(name));

CREATE TABLE customer_contacts (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    name TEXT NOT NULL, 
    role TEXT NOT NULL, 
    phone TEXT DEFAULT '' NOT NULL, 
    email TEXT DEFAULT '' NOT NULL, 
    CONSTRAINT pk_customer_contacts PRIMARY KEY (id), 
    CONSTRAINT ck_customer_contacts_reachable CHECK (phone <> '' OR email <> ''), 
    CONSTRAINT ck_customer_contacts_role CHECK (role IN ('owner', 'billing', 'technical', 'household', 'other')), 
    CONSTRAINT fk_customer_contacts_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE CASCADE
);

CREATE INDEX ix_customer_contacts_customer_id ON customer_contacts (customer_id, id);

CREATE TABLE customer_documents (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    file_id BIGINT NOT NULL, 
    title TEXT NOT NULL, 
    added_by TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_customer_documents PRIMARY KEY (id), 
    CONSTRAINT fk_customer_documents_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_customer_documents_file_id FOREIGN KEY(file_id) REFERENCES stored_files (id) ON DELETE RESTRICT
);

CREATE INDEX ix_customer_documents_customer_id ON customer_documents (customer_id, id);

CREATE INDEX ix_customer_documents_file_id ON customer_documents (file_id);

CREATE TABLE customer_labels (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    label_id BIGINT NOT NULL, 
    CONSTRAINT pk_customer_labels PRIMARY KEY (id), 
    CONSTRAINT fk_customer_labels_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE CASCADE, 
    CONSTRAINT fk_customer_labels_label_id FOREIGN KEY(label_id) REFERENCES labels (id) ON DELETE CASCADE, 
    CONSTRAINT uq_customer_labels_customer_id_label_id UNIQUE (customer_id, label_id)
);

CREATE INDEX ix_customer_labels_label_id ON customer_labels (label_id, customer_id);

CREATE TABLE customer_notes (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    body TEXT NOT NULL, 
    author TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_customer_notes PRIMARY KEY (id), 
    CONSTRAINT fk_customer_notes_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE CASCADE
);

CREATE INDEX ix_customer_notes_customer_id ON customer_notes (customer_id, created_at, id);

ALTER TABLE customers ADD COLUMN location_accuracy TEXT;

ALTER TABLE customers ADD COLUMN e_billing_since DATE;

ALTER TABLE customers ADD COLUMN custom_values JSONB DEFAULT '{}' NOT NULL;

ALTER TABLE customers ADD COLUMN contact_text TEXT DEFAULT '' NOT NULL;

ALTER TABLE customers ADD COLUMN merged_into_id BIGINT;

CREATE INDEX ix_customers_email ON customers (lower(email), id) WHERE email <> '';

CREATE INDEX ix_customers_merged_into_id ON customers (merged_into_id) WHERE merged_into_id IS NOT NULL;

CREATE INDEX ix_customers_phone ON customers (phone, id) WHERE phone <> '';

ALTER TABLE customers ADD CONSTRAINT fk_customers_merged_into_id FOREIGN KEY(merged_into_id) REFERENCES customers (id) ON DELETE RESTRICT;

CREATE INDEX ix_messages_recipient ON messages (lower(recipient), created_at, id);

ALTER TABLE customers ADD CONSTRAINT ck_customers_location_accuracy CHECK (location_accuracy IN ('exact', 'approximate', 'address'));

ALTER TABLE customers ADD CONSTRAINT ck_customers_merged_into_id CHECK (merged_into_id <> id);

DROP INDEX ix_customers_search_text;

ALTER TABLE customers DROP COLUMN search_text;

ALTER TABLE customers ADD COLUMN search_text TEXT GENERATED ALWAYS AS (lower(account_number || ' ' || name || ' ' || phone || ' ' || email || ' ' || street || ' ' || landmark || ' ' || coalesce(external_reference, '') || ' ' || contact_text)) STORED NOT NULL;

CREATE INDEX ix_customers_search_text ON customers USING gin (search_text extensions.gin_trgm_ops);

-- A frozen row may change only in the columns the trigger is given, and go with its customer into whom that one was
-- merged. No percent sign may stand here.
CREATE OR REPLACE FUNCTION freeze_except() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    free text[] := coalesce(TG_ARGV, ARRAY[]::text[]);
    before jsonb := to_jsonb(OLD) - free;
    after jsonb := to_jsonb(NEW) - free;
BEGIN
    IF before IS DISTINCT FROM after AND NOT (
        before - 'customer_id' IS NOT DISTINCT FROM after - 'customer_id' AND EXISTS (
            SELECT FROM customers WHERE id = (before ->> 'customer_id')::bigint
                AND merged_into_id = (after ->> 'customer_id')::bigint
        )
    ) THEN
        RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' rows are frozen once issued',
            ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER customer_notes_frozen BEFORE UPDATE ON customer_notes
    FOR EACH ROW EXECUTE FUNCTION freeze_except();;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'add_customer_note' FROM roles WHERE name = 'Manager' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_customer_document' FROM roles WHERE name = 'Manager' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'add_customer_document' FROM roles WHERE name = 'Manager' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'remove_customer_document' FROM roles WHERE name = 'Manager' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'add_customer_note' FROM roles WHERE name = 'Cashier' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'add_customer_note' FROM roles WHERE name = 'Collector' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'add_customer_note' FROM roles WHERE name = 'Technician' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'add_customer_note' FROM roles WHERE name = 'Customer Service' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_customer_document' FROM roles WHERE name = 'Customer Service' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'add_customer_document' FROM roles WHERE name = 'Customer Service' ON CONFLICT DO NOTHING;

UPDATE alembic_version SET version_num='0013' WHERE alembic_version.version_num = '0012';

-- Running upgrade 0013 -> 0014

ALTER TABLE company_settings ADD COLUMN map_tile_url TEXT DEFAULT '' NOT NULL;

ALTER TABLE company_settings ADD COLUMN map_attribution TEXT DEFAULT '' NOT NULL;

UPDATE alembic_version SET version_num='0014' WHERE alembic_version.version_num = '0013';

-- Running upgrade 0014 -> 0015

CREATE TABLE charges (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    subscription_id BIGINT, 
    kind TEXT NOT NULL, 
    description TEXT NOT NULL, 
    quantity BIGINT DEFAULT 1 NOT NULL, 
    unit_price_minor BIGINT NOT NULL, 
    tax_rate_id BIGINT, 
    bill_on DATE NOT NULL, 
    status TEXT DEFAULT 'pending' NOT NULL, 
    source TEXT, 
    status_reason TEXT DEFAULT '' NOT NULL, 
    created_by TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_charges PRIMARY KEY (id), 
    CONSTRAINT ck_charges_kind CHECK (kind IN ('one_time', 'deposit', 'usage', 'late_fee', 'early_termination', 'adjustment')), 
    CONSTRAINT ck_charges_status CHECK (status IN ('pending', 'billed', 'cancelled')), 
    CONSTRAINT ck_charges_unit_price_minor CHECK (unit_price_minor <> 0 AND (unit_price_minor > 0 OR kind = 'adjustment')), 
    CONSTRAINT ck_charges_quantity CHECK (quantity > 0), 
    CONSTRAINT fk_charges_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_charges_subscription_id FOREIGN KEY(subscription_id) REFERENCES subscriptions (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_charges_tax_rate_id FOREIGN KEY(tax_rate_id) REFERENCES tax_rates (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_charges_source UNIQUE (source)
);

CREATE INDEX ix_charges_customer_id ON charges (customer_id, id);

CREATE INDEX ix_charges_pending ON charges (customer_id, bill_on) WHERE status = 'pending';

CREATE TABLE subscription_pauses (
    id BIGSERIAL NOT NULL, 
    subscription_id BIGINT NOT NULL, 
    start_on DATE NOT NULL, 
    end_on DATE, 
    billing TEXT NOT NULL, 
    reason TEXT NOT NULL, 
    created_by TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_subscription_pauses PRIMARY KEY (id), 
    CONSTRAINT ck_subscription_pauses_billing CHECK (billing IN ('bill', 'skip', 'credit')), 
    CONSTRAINT ck_subscription_pauses_end_on CHECK (end_on >= start_on), 
    CONSTRAINT fk_subscription_pauses_subscription_id FOREIGN KEY(subscription_id) REFERENCES subscriptions (id) ON DELETE RESTRICT
);

CREATE INDEX ix_subscription_pauses_subscription_id ON subscription_pauses (subscription_id, start_on);

CREATE UNIQUE INDEX uq_subscription_pauses_open ON subscription_pauses (subscription_id) WHERE end_on IS NULL;

ALTER TABLE company_settings ADD COLUMN proration TEXT DEFAULT 'actual' NOT NULL;

ALTER TABLE company_settings ADD COLUMN first_period TEXT DEFAULT 'stub' NOT NULL;

ALTER TABLE invoice_lines ADD COLUMN account TEXT DEFAULT 'revenue' NOT NULL;

ALTER TABLE invoice_lines ADD COLUMN charge_id BIGINT;

ALTER TABLE invoice_lines ADD COLUMN credits_line_id BIGINT;

CREATE INDEX ix_invoice_lines_credits_line_id ON invoice_lines (credits_line_id) WHERE credits_line_id IS NOT NULL;

CREATE UNIQUE INDEX uq_invoice_lines_live_one_time ON invoice_lines (charge_id) WHERE is_live AND charge_id IS NOT NULL AND credits_line_id IS NULL;

ALTER TABLE invoice_lines ADD CONSTRAINT fk_invoice_lines_credits_line_id FOREIGN KEY(credits_line_id) REFERENCES invoice_lines (id) ON DELETE RESTRICT;

ALTER TABLE invoice_lines ADD CONSTRAINT fk_invoice_lines_charge_id FOREIGN KEY(charge_id) REFERENCES charges (id) ON DELETE RESTRICT;

ALTER TABLE invoices ADD COLUMN kind TEXT DEFAULT 'invoice' NOT NULL;

ALTER TABLE invoices ADD COLUMN corrects_id BIGINT;

ALTER TABLE invoices ADD COLUMN reason TEXT DEFAULT '' NOT NULL;

CREATE INDEX ix_invoices_corrects_id ON invoices (corrects_id) WHERE corrects_id IS NOT NULL;

CREATE INDEX ix_invoices_unspent ON invoices (customer_id) WHERE settled_on IS NULL AND status = 'issued' AND kind = 'credit_note';

ALTER TABLE invoices ADD CONSTRAINT fk_invoices_corrects_id FOREIGN KEY(corrects_id) REFERENCES invoices (id) ON DELETE RESTRICT;

ALTER TABLE payment_allocations ADD COLUMN credit_note_id BIGINT;

ALTER TABLE payment_allocations ALTER COLUMN payment_id DROP NOT NULL;

CREATE INDEX ix_payment_allocations_credit_note_id ON payment_allocations (credit_note_id) WHERE credit_note_id IS NOT NULL;

ALTER TABLE payment_allocations ADD CONSTRAINT fk_payment_allocations_credit_note_id FOREIGN KEY(credit_note_id) REFERENCES invoices (id) ON DELETE RESTRICT;

ALTER TABLE plans ADD COLUMN period_unit TEXT DEFAULT 'month' NOT NULL;

ALTER TABLE plans ADD COLUMN period_count SMALLINT DEFAULT 1 NOT NULL;

ALTER TABLE plans ADD COLUMN timing TEXT DEFAULT 'advance' NOT NULL;

ALTER TABLE subscription_components ADD COLUMN start_on DATE;

ALTER TABLE subscription_components ADD COLUMN end_on DATE;

ALTER TABLE subscription_components ADD COLUMN period_unit TEXT DEFAULT 'month' NOT NULL;

ALTER TABLE subscription_components ADD COLUMN period_count SMALLINT DEFAULT 1 NOT NULL;

ALTER TABLE subscription_components ADD COLUMN timing TEXT DEFAULT 'advance' NOT NULL;

ALTER TABLE subscription_components ADD COLUMN anchor_day SMALLINT;

ALTER TABLE subscription_components ADD COLUMN aligned_on DATE;

ALTER TABLE subscription_components ADD COLUMN merges_stub BOOLEAN DEFAULT false NOT NULL;

ALTER TABLE subscription_components ADD COLUMN billed_until DATE;

ALTER TABLE subscription_components ADD COLUMN due_on DATE;

ALTER TABLE subscription_components ADD COLUMN review_from DATE;

UPDATE subscription_components c SET start_on = s.start_on, end_on = s.end_on, anchor_day = s.anchor_day,
    billed_until = s.billed_until,
    due_on = CASE WHEN s.status = 'active' AND (s.end_on IS NULL OR s.end_on > s.billed_until) THEN s.billed_until END,
    aligned_on = (
        SELECT min(m.day) FROM (
            SELECT (month + make_interval(days => least(
                s.anchor_day, extract(day FROM month + interval '1 month - 1 day')::int) - 1))::date AS day
            FROM generate_series(date_trunc('month', s.start_on::timestamp),
                                 date_trunc('month', s.start_on::timestamp) + interval '1 month', interval '1 month') month
        ) m WHERE m.day >= s.start_on
    )
FROM subscriptions s WHERE s.id = c.subscription_id;

INSERT INTO subscription_pauses (subscription_id, start_on, billing, reason, created_by, created_at)
SELECT id, suspended_on, 'skip', status_reason, 'Migration', now() FROM subscriptions WHERE status = 'suspended';

INSERT INTO role_permissions (role_id, permission)
SELECT role_id, 'change_subscription' FROM role_permissions WHERE permission = 'create_subscription';

ALTER TABLE subscription_components ALTER COLUMN start_on SET NOT NULL;

ALTER TABLE subscription_components ALTER COLUMN anchor_day SET NOT NULL;

ALTER TABLE subscription_components ALTER COLUMN aligned_on SET NOT NULL;

ALTER TABLE subscription_components ALTER COLUMN billed_until SET NOT NULL;

ALTER TABLE company_settings ADD CONSTRAINT ck_company_settings_proration CHECK (proration IN ('actual', 'fixed_30'));

ALTER TABLE company_settings ADD CONSTRAINT ck_company_settings_first_period CHECK (first_period IN ('stub', 'merge', 'free'));

ALTER TABLE plans ADD CONSTRAINT ck_plans_period CHECK (period_unit IN ('month', 'day') AND period_count BETWEEN 1 AND 366);

ALTER TABLE plans ADD CONSTRAINT ck_plans_timing CHECK (timing IN ('advance', 'arrears'));

ALTER TABLE subscription_components ADD CONSTRAINT ck_subscription_components_period CHECK (period_unit IN ('month', 'day') AND period_count > 0);

ALTER TABLE subscription_components ADD CONSTRAINT ck_subscription_components_timing CHECK (timing IN ('advance', 'arrears'));

ALTER TABLE subscription_components ADD CONSTRAINT ck_subscription_components_anchor_day CHECK (anchor_day BETWEEN 1 AND 31);

ALTER TABLE subscription_components ADD CONSTRAINT ck_subscription_components_end_on CHECK (end_on >= start_on);

ALTER TABLE subscription_components ADD CONSTRAINT ck_subscription_components_billed_until CHECK (billed_until >= start_on);

ALTER TABLE invoices ADD CONSTRAINT ck_invoices_kind CHECK (kind IN ('invoice', 'credit_note', 'debit_note'));

ALTER TABLE invoices ADD CONSTRAINT ck_invoices_sign CHECK ((kind = 'credit_note') = (total_minor < 0));

ALTER TABLE payment_allocations ADD CONSTRAINT ck_payment_allocations_source CHECK (num_nonnulls(payment_id, credit_note_id) = 1);

CREATE INDEX ix_subscription_components_due ON subscription_components (due_on, subscription_id) WHERE due_on IS NOT NULL;

DROP INDEX ix_invoices_open;

CREATE INDEX ix_invoices_open ON invoices (due_on, customer_id) WHERE settled_on IS NULL AND status = 'issued' AND kind <> 'credit_note';

DROP INDEX uq_invoice_lines_live_charge;

CREATE UNIQUE INDEX uq_invoice_lines_live_charge ON invoice_lines (subscription_id, component_id, period_start) WHERE is_live AND component_id IS NOT NULL AND credits_line_id IS NULL;

DROP INDEX ix_subscriptions_due;

ALTER TABLE subscriptions DROP COLUMN billed_until;

UPDATE alembic_version SET version_num='0015' WHERE alembic_version.version_num = '0014';

-- Running upgrade 0015 -> 0016

CREATE TABLE plan_contracts (
    id BIGSERIAL NOT NULL, 
    plan_id BIGINT NOT NULL, 
    months SMALLINT NOT NULL, 
    fixed_minor BIGINT DEFAULT 0 NOT NULL, 
    is_declining BOOLEAN DEFAULT false NOT NULL, 
    remaining_percent NUMERIC(7, 4) DEFAULT 0 NOT NULL, 
    most_minor BIGINT, 
    CONSTRAINT pk_plan_contracts PRIMARY KEY (id), 
    CONSTRAINT ck_plan_contracts_fixed_minor CHECK (fixed_minor >= 0), 
    CONSTRAINT ck_plan_contracts_months CHECK (months BETWEEN 1 AND 120), 
    CONSTRAINT ck_plan_contracts_most_minor CHECK (most_minor >= 0), 
    CONSTRAINT ck_plan_contracts_remaining_percent CHECK (remaining_percent >= 0 AND remaining_percent <= 100), 
    CONSTRAINT fk_plan_contracts_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id) ON DELETE CASCADE, 
    CONSTRAINT uq_plan_contracts_plan_id UNIQUE (plan_id)
);

CREATE TABLE usage_prices (
    id BIGSERIAL NOT NULL, 
    plan_id BIGINT NOT NULL, 
    valid_from DATE NOT NULL, 
    unit TEXT NOT NULL, 
    model TEXT DEFAULT 'graduated' NOT NULL, 
    included NUMERIC(18, 6) DEFAULT 0 NOT NULL, 
    minimum_minor BIGINT DEFAULT 0 NOT NULL, 
    CONSTRAINT pk_usage_prices PRIMARY KEY (id), 
    CONSTRAINT ck_usage_prices_model CHECK (model IN ('graduated', 'volume')), 
    CONSTRAINT ck_usage_prices_included CHECK (included >= 0), 
    CONSTRAINT ck_usage_prices_minimum_minor CHECK (minimum_minor >= 0), 
    CONSTRAINT fk_usage_prices_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id) ON DELETE CASCADE, 
    CONSTRAINT uq_usage_prices_plan_id_valid_from UNIQUE (plan_id, valid_from)
);

CREATE TABLE usage_tiers (
    id BIGSERIAL NOT NULL, 
    usage_price_id BIGINT NOT NULL, 
    position SMALLINT NOT NULL, 
    up_to NUMERIC(18, 6), 
    price_minor NUMERIC(18, 6) NOT NULL, 
    flat_minor BIGINT DEFAULT 0 NOT NULL, 
    block NUMERIC(18, 6) DEFAULT 1 NOT NULL, 
    whole_blocks BOOLEAN DEFAULT false NOT NULL, 
    CONSTRAINT pk_usage_tiers PRIMARY KEY (id), 
    CONSTRAINT ck_usage_tiers_block CHECK (block > 0), 
    CONSTRAINT ck_usage_tiers_flat_minor CHECK (flat_minor >= 0), 
    CONSTRAINT ck_usage_tiers_price_minor CHECK (price_minor >= 0), 
    CONSTRAINT ck_usage_tiers_up_to CHECK (up_to > 0), 
    CONSTRAINT fk_usage_tiers_usage_price_id FOREIGN KEY(usage_price_id) REFERENCES usage_prices (id) ON DELETE CASCADE, 
    CONSTRAINT uq_usage_tiers_usage_price_id_position UNIQUE (usage_price_id, position)
);

UPDATE alembic_version SET version_num='0016' WHERE alembic_version.version_num = '0015';

-- Running upgrade 0016 -> 0017

ALTER TABLE tickets ADD COLUMN nap_id BIGINT;

CREATE INDEX ix_tickets_nap_id ON tickets (nap_id, id) WHERE nap_id IS NOT NULL;

ALTER TABLE tickets ADD CONSTRAINT fk_tickets_nap_id FOREIGN KEY(nap_id) REFERENCES naps (id) ON DELETE RESTRICT;

UPDATE alembic_version SET version_num='0017' WHERE alembic_version.version_num = '0016';

-- Running upgrade 0017 -> 0018

CREATE TABLE collection_days (
    id BIGSERIAL NOT NULL, 
    day DATE NOT NULL, 
    reached_customer_id BIGINT DEFAULT 0 NOT NULL, 
    customer_count BIGINT DEFAULT 0 NOT NULL, 
    action_count BIGINT DEFAULT 0 NOT NULL, 
    cut_count BIGINT DEFAULT 0 NOT NULL, 
    restored_count BIGINT DEFAULT 0 NOT NULL, 
    trouble_count BIGINT DEFAULT 0 NOT NULL, 
    started_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    completed_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_collection_days PRIMARY KEY (id), 
    CONSTRAINT uq_collection_days_day UNIQUE (day)
);

CREATE TABLE collection_policies (
    id BIGSERIAL NOT NULL, 
    is_enabled BOOLEAN DEFAULT false NOT NULL, 
    counted_since DATE, 
    minimum_minor BIGINT DEFAULT 0 NOT NULL, 
    grace_days BIGINT DEFAULT 0 NOT NULL, 
    longest_promise_days BIGINT DEFAULT 14 NOT NULL, 
    needs_handover BOOLEAN DEFAULT false NOT NULL, 
    notice_days BIGINT DEFAULT 0 NOT NULL, 
    no_cut_weekdays TEXT DEFAULT '' NOT NULL, 
    CONSTRAINT pk_collection_policies PRIMARY KEY (id), 
    CONSTRAINT ck_collection_policies_no_cut_weekdays CHECK (no_cut_weekdays ~ '^[1-7]{0,6}$'), 
    CONSTRAINT ck_collection_policies_grace_days CHECK (grace_days BETWEEN 0 AND 60), 
    CONSTRAINT ck_collection_policies_single_row CHECK (id = 1), 
    CONSTRAINT ck_collection_policies_longest_promise_days CHECK (longest_promise_days BETWEEN 1 AND 90), 
    CONSTRAINT ck_collection_policies_minimum_minor CHECK (minimum_minor >= 0), 
    CONSTRAINT ck_collection_policies_notice_days CHECK (notice_days BETWEEN 0 AND 60)
);

CREATE TABLE collection_steps (
    id BIGSERIAL NOT NULL, 
    name TEXT NOT NULL, 
    action TEXT NOT NULL, 
    days SMALLINT NOT NULL, 
    counted_from TEXT DEFAULT 'due' NOT NULL, 
    template TEXT DEFAULT '' NOT NULL, 
    fee_flat_minor BIGINT DEFAULT 0 NOT NULL, 
    fee_percent NUMERIC(7, 4) DEFAULT 0 NOT NULL, 
    repeat_every_days SMALLINT, 
    most_times SMALLINT, 
    is_active BOOLEAN DEFAULT true NOT NULL, 
    CONSTRAINT pk_collection_steps PRIMARY KEY (id), 
    CONSTRAINT ck_collection_steps_action CHECK (action IN ('remind', 'fee', 'suspend', 'terminate')), 
    CONSTRAINT ck_collection_steps_counted_from CHECK (counted_from IN ('due', 'issue')), 
    CONSTRAINT ck_collection_steps_days CHECK (days BETWEEN -60 AND 730), 
    CONSTRAINT ck_collection_steps_fee CHECK (fee_flat_minor >= 0 AND fee_percent BETWEEN 0 AND 100), 
    CONSTRAINT ck_collection_steps_most_times CHECK (most_times > 0), 
    CONSTRAINT ck_collection_steps_repeat_every_days CHECK (repeat_every_days > 0)
);

CREATE UNIQUE INDEX uq_collection_steps_action ON collection_steps (action) WHERE is_active AND action IN ('suspend', 'terminate');

CREATE TABLE no_cut_days (
    id BIGSERIAL NOT NULL, 
    day DATE NOT NULL, 
    name TEXT NOT NULL, 
    area_id BIGINT, 
    CONSTRAINT pk_no_cut_days PRIMARY KEY (id), 
    CONSTRAINT fk_no_cut_days_area_id FOREIGN KEY(area_id) REFERENCES areas (id) ON DELETE RESTRICT
);

CREATE INDEX ix_no_cut_days_area_id ON no_cut_days (area_id);

CREATE UNIQUE INDEX uq_no_cut_days_day_area ON no_cut_days (day, coalesce(area_id, 0));

CREATE TABLE collection_episodes (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    began_on DATE NOT NULL, 
    ended_on DATE, 
    trouble TEXT DEFAULT '' NOT NULL, 
    CONSTRAINT pk_collection_episodes PRIMARY KEY (id), 
    CONSTRAINT ck_collection_episodes_ended_on CHECK (ended_on >= began_on), 
    CONSTRAINT fk_collection_episodes_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT
);

CREATE INDEX ix_collection_episodes_customer_id ON collection_episodes (customer_id, began_on);

CREATE UNIQUE INDEX uq_collection_episodes_open ON collection_episodes (customer_id) WHERE ended_on IS NULL;

CREATE TABLE collection_holds (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    reason TEXT NOT NULL, 
    from_on DATE NOT NULL, 
    until_on DATE NOT NULL, 
    placed_by TEXT NOT NULL, 
    lifted_on DATE, 
    lifted_by TEXT, 
    CONSTRAINT pk_collection_holds PRIMARY KEY (id), 
    CONSTRAINT ck_collection_holds_lifted_on CHECK ((lifted_on IS NULL) = (lifted_by IS NULL)), 
    CONSTRAINT ck_collection_holds_until_on CHECK (until_on >= from_on), 
    CONSTRAINT fk_collection_holds_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT
);

CREATE INDEX ix_collection_holds_customer_id ON collection_holds (customer_id, from_on);

CREATE TABLE promises_to_pay (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    made_on DATE NOT NULL, 
    made_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    until_on DATE NOT NULL, 
    amount_minor BIGINT NOT NULL, 
    note TEXT DEFAULT '' NOT NULL, 
    status TEXT DEFAULT 'open' NOT NULL, 
    granted_by TEXT NOT NULL, 
    decided_on DATE, 
    CONSTRAINT pk_promises_to_pay PRIMARY KEY (id), 
    CONSTRAINT ck_promises_to_pay_status CHECK (status IN ('open', 'kept', 'broken', 'withdrawn')), 
    CONSTRAINT ck_promises_to_pay_amount_minor CHECK (amount_minor > 0), 
    CONSTRAINT ck_promises_to_pay_until_on CHECK (until_on >= made_on), 
    CONSTRAINT fk_promises_to_pay_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT
);

CREATE INDEX ix_promises_to_pay_customer_id ON promises_to_pay (customer_id, made_on);

CREATE INDEX ix_promises_to_pay_until_on ON promises_to_pay (until_on) WHERE status = 'open';

CREATE UNIQUE INDEX uq_promises_to_pay_open ON promises_to_pay (customer_id) WHERE status = 'open';

CREATE TABLE collection_actions (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    step_id BIGINT NOT NULL, 
    episode_id BIGINT, 
    invoice_id BIGINT, 
    occurrence SMALLINT DEFAULT 1 NOT NULL, 
    done_on DATE NOT NULL, 
    done_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    message_id BIGINT, 
    note TEXT DEFAULT '' NOT NULL, 
    fee_minor BIGINT DEFAULT 0 NOT NULL, 
    waived_at TIMESTAMP WITH TIME ZONE, 
    waived_by TEXT, 
    waive_reason TEXT DEFAULT '' NOT NULL, 
    CONSTRAINT pk_collection_actions PRIMARY KEY (id), 
    CONSTRAINT ck_collection_actions_waived CHECK ((waived_at IS NULL) = (waived_by IS NULL)), 
    CONSTRAINT ck_collection_actions_fee_minor CHECK (fee_minor >= 0), 
    CONSTRAINT ck_collection_actions_subject CHECK (invoice_id IS NOT NULL OR episode_id IS NOT NULL), 
    CONSTRAINT fk_collection_actions_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_collection_actions_episode_id FOREIGN KEY(episode_id) REFERENCES collection_episodes (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_collection_actions_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoices (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_collection_actions_message_id FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_collection_actions_step_id FOREIGN KEY(step_id) REFERENCES collection_steps (id) ON DELETE RESTRICT
);

CREATE INDEX ix_collection_actions_customer_id ON collection_actions (customer_id, id);

CREATE INDEX ix_collection_actions_step_id ON collection_actions (step_id);

CREATE UNIQUE INDEX uq_collection_actions_episode ON collection_actions (episode_id, step_id, occurrence) WHERE invoice_id IS NULL;

CREATE UNIQUE INDEX uq_collection_actions_invoice ON collection_actions (invoice_id, step_id, occurrence) WHERE invoice_id IS NOT NULL;

CREATE TABLE collection_cutoffs (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    episode_id BIGINT NOT NULL, 
    cut_on DATE NOT NULL, 
    cut_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    reason TEXT NOT NULL, 
    ended_at TIMESTAMP WITH TIME ZONE, 
    ending TEXT, 
    ended_by TEXT DEFAULT '' NOT NULL, 
    CONSTRAINT pk_collection_cutoffs PRIMARY KEY (id), 
    CONSTRAINT ck_collection_cutoffs_ending CHECK (ending IN ('restored', 'by_person', 'terminated')), 
    CONSTRAINT ck_collection_cutoffs_ended_at CHECK ((ended_at IS NULL) = (ending IS NULL)), 
    CONSTRAINT fk_collection_cutoffs_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_collection_cutoffs_episode_id FOREIGN KEY(episode_id) REFERENCES collection_episodes (id) ON DELETE RESTRICT
);

CREATE INDEX ix_collection_cutoffs_customer_id ON collection_cutoffs (customer_id, id);

CREATE UNIQUE INDEX uq_collection_cutoffs_open ON collection_cutoffs (customer_id) WHERE ended_at IS NULL;

CREATE TABLE dispute_holds (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    invoice_id BIGINT NOT NULL, 
    line_id BIGINT, 
    amount_minor BIGINT NOT NULL, 
    reason TEXT NOT NULL, 
    opened_on DATE NOT NULL, 
    opened_by TEXT NOT NULL, 
    ends_on DATE NOT NULL, 
    closed_on DATE, 
    closed_by TEXT, 
    outcome TEXT DEFAULT '' NOT NULL, 
    CONSTRAINT pk_dispute_holds PRIMARY KEY (id), 
    CONSTRAINT ck_dispute_holds_closed_on CHECK ((closed_on IS NULL) = (closed_by IS NULL)), 
    CONSTRAINT ck_dispute_holds_amount_minor CHECK (amount_minor > 0), 
    CONSTRAINT ck_dispute_holds_ends_on CHECK (ends_on > opened_on), 
    CONSTRAINT fk_dispute_holds_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_dispute_holds_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoices (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_dispute_holds_line_id FOREIGN KEY(line_id) REFERENCES invoice_lines (id) ON DELETE RESTRICT
);

CREATE INDEX ix_dispute_holds_customer_id ON dispute_holds (customer_id, opened_on);

CREATE INDEX ix_dispute_holds_invoice_id ON dispute_holds (invoice_id);

CREATE UNIQUE INDEX uq_dispute_holds_open ON dispute_holds (invoice_id, coalesce(line_id, 0)) WHERE closed_on IS NULL;

INSERT INTO collection_policies (id, is_enabled, no_cut_weekdays)
SELECT 1, false, '67' WHERE EXISTS (SELECT FROM company_settings);

INSERT INTO collection_steps (name, action, days, template, is_active)
SELECT fresh.name, fresh.action, fresh.days, fresh.template, fresh.is_active FROM (VALUES
    ('Reminder before it is due', 'remind', -3, 'bill_reminder', true),
    ('Reminder on the due day', 'remind', 0, 'bill_reminder', true),
    ('Overdue notice', 'remind', 1, 'bill_overdue', true),
    ('Late fee', 'fee', 3, 'late_fee', false),
    ('Suspension', 'suspend', 5, 'service_suspended', true),
    ('Termination', 'terminate', 60, '', false)
) AS fresh (name, action, days, template, is_active) WHERE EXISTS (SELECT FROM company_settings);

UPDATE alembic_version SET version_num='0018' WHERE alembic_version.version_num = '0017';

-- Running upgrade 0018 -> 0019

CREATE TABLE prepaid_recognitions (
    id BIGSERIAL NOT NULL, 
    through_on DATE NOT NULL, 
    load_count BIGINT NOT NULL, 
    amount_minor BIGINT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_prepaid_recognitions PRIMARY KEY (id), 
    CONSTRAINT ck_prepaid_recognitions_amount_minor CHECK (amount_minor > 0 AND load_count > 0), 
    CONSTRAINT uq_prepaid_recognitions_through_on UNIQUE (through_on)
);

CREATE TRIGGER prepaid_recognitions_frozen BEFORE UPDATE OR DELETE ON prepaid_recognitions
            FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE prepaid_loads ADD COLUMN credit_note_id BIGINT;

ALTER TABLE prepaid_loads ADD CONSTRAINT uq_prepaid_loads_credit_note_id UNIQUE (credit_note_id);

ALTER TABLE prepaid_loads ADD CONSTRAINT fk_prepaid_loads_credit_note_id FOREIGN KEY(credit_note_id) REFERENCES invoices (id) ON DELETE RESTRICT;

UPDATE alembic_version SET version_num='0019' WHERE alembic_version.version_num = '0018';

-- Running upgrade 0019 -> 0020

ALTER TABLE number_series ADD COLUMN branch TEXT DEFAULT '' NOT NULL;

ALTER TABLE number_series ADD COLUMN resets_yearly BOOLEAN DEFAULT false NOT NULL;

ALTER TABLE number_series ADD COLUMN year BIGINT;

ALTER TABLE number_series ADD COLUMN range_end BIGINT;

ALTER TABLE number_series ADD COLUMN warn_below BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE number_series ADD CONSTRAINT ck_number_series_digits CHECK (digits BETWEEN 1 AND 12);

ALTER TABLE number_series ADD CONSTRAINT ck_number_series_range_end CHECK (range_end > 0 AND warn_below >= 0);

UPDATE alembic_version SET version_num='0020' WHERE alembic_version.version_num = '0019';

-- Running upgrade 0020 -> 0021

ALTER TABLE collection_actions ADD COLUMN charge_id BIGINT;

CREATE INDEX ix_collection_actions_charge_id ON collection_actions (charge_id) WHERE charge_id IS NOT NULL;

ALTER TABLE collection_actions ADD CONSTRAINT fk_collection_actions_charge_id FOREIGN KEY(charge_id) REFERENCES charges (id) ON DELETE RESTRICT;

ALTER TABLE collection_policies ADD COLUMN suspension_billing TEXT DEFAULT 'skip' NOT NULL;

ALTER TABLE collection_policies ADD CONSTRAINT ck_collection_policies_suspension_billing CHECK (suspension_billing IN ('bill', 'skip', 'credit'));

ALTER TABLE collection_policies ADD COLUMN fee_tax_rate_id BIGINT;

ALTER TABLE collection_policies ADD CONSTRAINT fk_collection_policies_fee_tax_rate_id FOREIGN KEY(fee_tax_rate_id) REFERENCES tax_rates (id) ON DELETE RESTRICT;

UPDATE alembic_version SET version_num='0021' WHERE alembic_version.version_num = '0020';

-- Running upgrade 0021 -> 0022

CREATE TABLE invoice_line_taxes (
    id BIGSERIAL NOT NULL, 
    invoice_id BIGINT NOT NULL, 
    position SMALLINT NOT NULL, 
    tax_rate_id BIGINT NOT NULL, 
    name TEXT NOT NULL, 
    rate_percent NUMERIC(7, 4) NOT NULL, 
    is_inclusive BOOLEAN DEFAULT false NOT NULL, 
    base_minor BIGINT NOT NULL, 
    tax_minor BIGINT NOT NULL, 
    exemption TEXT DEFAULT '' NOT NULL, 
    CONSTRAINT pk_invoice_line_taxes PRIMARY KEY (id), 
    CONSTRAINT fk_invoice_line_taxes_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoices (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_invoice_line_taxes_tax_rate_id FOREIGN KEY(tax_rate_id) REFERENCES tax_rates (id) ON DELETE RESTRICT
);

CREATE INDEX ix_invoice_line_taxes_invoice_id ON invoice_line_taxes (invoice_id, position, id);

ALTER TABLE company_settings ADD COLUMN tax_rounding TEXT DEFAULT 'line' NOT NULL;

ALTER TABLE company_settings ADD COLUMN tax_point TEXT DEFAULT 'period' NOT NULL;

ALTER TABLE company_settings ADD COLUMN cash_step_minor BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE invoice_lines ADD COLUMN discount_minor BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE invoice_lines ADD COLUMN discount_net_minor BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE company_settings ADD CONSTRAINT ck_company_settings_tax_rounding CHECK (tax_rounding IN ('line', 'document'));

ALTER TABLE company_settings ADD CONSTRAINT ck_company_settings_tax_point CHECK (tax_point IN ('period', 'issue'));

ALTER TABLE company_settings ADD CONSTRAINT ck_company_settings_cash_step_minor CHECK (cash_step_minor >= 0);

CREATE TRIGGER invoice_line_taxes_frozen BEFORE UPDATE OR DELETE ON invoice_line_taxes
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE invoice_taxes ADD COLUMN exemption TEXT DEFAULT '' NOT NULL;

UPDATE alembic_version SET version_num='0022' WHERE alembic_version.version_num = '0021';

-- Running upgrade 0022 -> 0023

CREATE TABLE subscription_contracts (
    id BIGSERIAL NOT NULL, 
    subscription_id BIGINT NOT NULL, 
    plan_id BIGINT NOT NULL, 
    starts_on DATE NOT NULL, 
    end_on DATE NOT NULL, 
    months SMALLINT NOT NULL, 
    fixed_minor BIGINT DEFAULT 0 NOT NULL, 
    is_declining BOOLEAN DEFAULT false NOT NULL, 
    remaining_percent NUMERIC(7, 4) DEFAULT 0 NOT NULL, 
    most_minor BIGINT, 
    CONSTRAINT pk_subscription_contracts PRIMARY KEY (id), 
    CONSTRAINT ck_subscription_contracts_end_on CHECK (end_on > starts_on), 
    CONSTRAINT fk_subscription_contracts_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_subscription_contracts_subscription_id FOREIGN KEY(subscription_id) REFERENCES subscriptions (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_subscription_contracts_subscription_id UNIQUE (subscription_id)
);

ALTER TABLE charges ADD COLUMN returns_id BIGINT;

CREATE INDEX ix_charges_bill_on ON charges (bill_on, id);

CREATE INDEX ix_charges_returns_id ON charges (returns_id) WHERE returns_id IS NOT NULL;

CREATE INDEX ix_charges_subscription_id ON charges (subscription_id, kind);

ALTER TABLE charges ADD CONSTRAINT fk_charges_returns_id FOREIGN KEY(returns_id) REFERENCES charges (id) ON DELETE RESTRICT;

ALTER TABLE charges DROP CONSTRAINT ck_charges_kind;

ALTER TABLE charges ADD CONSTRAINT ck_charges_kind CHECK (kind IN ('one_time', 'deposit', 'deposit_return', 'usage', 'late_fee', 'early_termination', 'adjustment'));

ALTER TABLE charges DROP CONSTRAINT ck_charges_unit_price_minor;

ALTER TABLE charges ADD CONSTRAINT ck_charges_unit_price_minor CHECK (unit_price_minor <> 0 AND (unit_price_minor > 0) = (kind <> 'deposit_return') OR unit_price_minor < 0 AND kind IN ('adjustment', 'usage'));

ALTER TABLE charges ADD CONSTRAINT ck_charges_returns_id CHECK ((returns_id IS NOT NULL) = (kind = 'deposit_return'));

UPDATE alembic_version SET version_num='0023' WHERE alembic_version.version_num = '0022';

-- Running upgrade 0023 -> 0024

CREATE TABLE usage_ratings (
    id BIGSERIAL NOT NULL, 
    component_id BIGINT NOT NULL, 
    period_start DATE NOT NULL, 
    period_end DATE NOT NULL, 
    quantity NUMERIC(18, 6) DEFAULT 0 NOT NULL, 
    amount_minor BIGINT DEFAULT 0 NOT NULL, 
    charge_count SMALLINT DEFAULT 0 NOT NULL, 
    CONSTRAINT pk_usage_ratings PRIMARY KEY (id), 
    CONSTRAINT ck_usage_ratings_period_end CHECK (period_end > period_start), 
    CONSTRAINT fk_usage_ratings_component_id FOREIGN KEY(component_id) REFERENCES subscription_components (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_usage_ratings_component_id_period_start UNIQUE (component_id, period_start)
);

CREATE TABLE usage_records (
    id BIGSERIAL NOT NULL, 
    component_id BIGINT NOT NULL, 
    used_on DATE NOT NULL, 
    quantity NUMERIC(18, 6) NOT NULL, 
    source TEXT NOT NULL, 
    rating_id BIGINT, 
    recorded_by TEXT NOT NULL, 
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_usage_records PRIMARY KEY (id), 
    CONSTRAINT ck_usage_records_quantity CHECK (quantity <> 0), 
    CONSTRAINT fk_usage_records_component_id FOREIGN KEY(component_id) REFERENCES subscription_components (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_usage_records_rating_id FOREIGN KEY(rating_id) REFERENCES usage_ratings (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_usage_records_source UNIQUE (source)
);

CREATE INDEX ix_usage_records_component_id ON usage_records (component_id, used_on);

CREATE INDEX ix_usage_records_unrated ON usage_records (component_id) WHERE rating_id IS NULL;

CREATE INDEX ix_usage_records_used_on ON usage_records (used_on, id);

UPDATE alembic_version SET version_num='0024' WHERE alembic_version.version_num = '0023';

-- Running upgrade 0024 -> 0025

CREATE TABLE bundles (
    id BIGSERIAL NOT NULL, 
    name TEXT NOT NULL, 
    status TEXT DEFAULT 'active' NOT NULL, 
    description TEXT DEFAULT '' NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_bundles PRIMARY KEY (id), 
    CONSTRAINT ck_bundles_status CHECK (status IN ('active', 'retired')), 
    CONSTRAINT uq_bundles_name UNIQUE (name)
);

CREATE TABLE bundle_parts (
    id BIGSERIAL NOT NULL, 
    bundle_id BIGINT NOT NULL, 
    position SMALLINT NOT NULL, 
    plan_id BIGINT NOT NULL, 
    quantity BIGINT DEFAULT 1 NOT NULL, 
    unit_price_minor BIGINT, 
    CONSTRAINT pk_bundle_parts PRIMARY KEY (id), 
    CONSTRAINT ck_bundle_parts_quantity CHECK (quantity BETWEEN 1 AND 1000), 
    CONSTRAINT ck_bundle_parts_unit_price_minor CHECK (unit_price_minor >= 0), 
    CONSTRAINT fk_bundle_parts_bundle_id FOREIGN KEY(bundle_id) REFERENCES bundles (id) ON DELETE CASCADE, 
    CONSTRAINT fk_bundle_parts_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_bundle_parts_bundle_id_position UNIQUE (bundle_id, position)
);

CREATE INDEX ix_bundle_parts_plan_id ON bundle_parts (plan_id);

UPDATE alembic_version SET version_num='0025' WHERE alembic_version.version_num = '0024';

-- Running upgrade 0025 -> 0026

CREATE TABLE import_mappings (
    id BIGSERIAL NOT NULL, 
    kind TEXT NOT NULL, 
    columns JSONB NOT NULL, 
    CONSTRAINT pk_import_mappings PRIMARY KEY (id), 
    CONSTRAINT uq_import_mappings_kind UNIQUE (kind)
);

CREATE TABLE import_effects (
    id BIGSERIAL NOT NULL, 
    batch_id BIGINT NOT NULL, 
    line BIGINT NOT NULL, 
    table_name TEXT NOT NULL, 
    row_id BIGINT NOT NULL, 
    before JSONB, 
    after JSONB, 
    CONSTRAINT pk_import_effects PRIMARY KEY (id), 
    CONSTRAINT fk_import_effects_batch_id FOREIGN KEY(batch_id) REFERENCES import_batches (id) ON DELETE CASCADE
);

CREATE INDEX ix_import_effects_batch_id ON import_effects (batch_id, line, id);

CREATE INDEX ix_import_effects_row_id ON import_effects (row_id, table_name);

CREATE TABLE import_rows (
    id BIGSERIAL NOT NULL, 
    batch_id BIGINT NOT NULL, 
    line BIGINT NOT NULL, 
    cells JSONB, 
    status TEXT DEFAULT 'waiting' NOT NULL, 
    column_name TEXT DEFAULT '' NOT NULL, 
    problem TEXT DEFAULT '' NOT NULL, 
    CONSTRAINT pk_import_rows PRIMARY KEY (id), 
    CONSTRAINT ck_import_rows_status CHECK (status IN ('waiting', 'created', 'updated', 'unchanged', 'refused', 'undone', 'kept')), 
    CONSTRAINT fk_import_rows_batch_id FOREIGN KEY(batch_id) REFERENCES import_batches (id) ON DELETE CASCADE, 
    CONSTRAINT uq_import_rows_batch_id_line UNIQUE (batch_id, line)
);

CREATE INDEX ix_import_rows_status ON import_rows (batch_id, status, line);

ALTER TABLE import_batches ADD COLUMN kind TEXT DEFAULT 'customers' NOT NULL;

ALTER TABLE import_batches ADD COLUMN mapping JSONB;

ALTER TABLE import_batches ADD COLUMN report JSONB;

ALTER TABLE import_batches ADD COLUMN updated_count BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE import_batches ADD COLUMN refused_count BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE import_batches ADD COLUMN undone_by TEXT;

ALTER TABLE import_batches ADD COLUMN undone_at TIMESTAMP WITH TIME ZONE;

ALTER TABLE import_batches DROP CONSTRAINT ck_import_batches_status;

ALTER TABLE import_batches ADD CONSTRAINT ck_import_batches_status CHECK (status IN ('checked', 'running', 'imported', 'undoing', 'undone'));

CREATE INDEX ix_import_batches_running ON import_batches (id) WHERE status IN ('running', 'undoing');

UPDATE alembic_version SET version_num='0026' WHERE alembic_version.version_num = '0025';

-- Running upgrade 0026 -> 0027

ALTER TABLE billing_run_exceptions ADD COLUMN is_unusual BOOLEAN DEFAULT false NOT NULL;

ALTER TABLE billing_run_exceptions ADD COLUMN released_by TEXT;

ALTER TABLE billing_runs ADD COLUMN held_by TEXT;

ALTER TABLE billing_runs ADD COLUMN coverage JSONB;

ALTER TABLE company_settings ADD COLUMN approve_after_hours SMALLINT DEFAULT 0 NOT NULL;

ALTER TABLE company_settings ADD CONSTRAINT ck_company_settings_approve_after_hours CHECK (approve_after_hours BETWEEN 0 AND 240);

ALTER TABLE company_settings ADD COLUMN most_times_usual SMALLINT DEFAULT 12 NOT NULL;

ALTER TABLE company_settings ADD CONSTRAINT ck_company_settings_most_times_usual CHECK (most_times_usual BETWEEN 0 AND 1000);

ALTER TABLE billing_runs DROP CONSTRAINT ck_billing_runs_status;

ALTER TABLE billing_runs ADD CONSTRAINT ck_billing_runs_status CHECK (status IN ('awaiting_approval', 'running', 'completed', 'incomplete'));

UPDATE alembic_version SET version_num='0027' WHERE alembic_version.version_num = '0026';

-- Running upgrade 0027 -> 0028

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_receivables_ageing_report' FROM roles WHERE name = 'Manager' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_recurring_revenue_report' FROM roles WHERE name = 'Manager' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_tax_report' FROM roles WHERE name = 'Manager' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_unapplied_payments_report' FROM roles WHERE name = 'Manager' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_deferred_revenue_report' FROM roles WHERE name = 'Manager' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'schedule_report' FROM roles WHERE name = 'Manager' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_receivables_ageing_report' FROM roles WHERE name = 'Report Viewer' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_recurring_revenue_report' FROM roles WHERE name = 'Report Viewer' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_tax_report' FROM roles WHERE name = 'Report Viewer' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_unapplied_payments_report' FROM roles WHERE name = 'Report Viewer' ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_deferred_revenue_report' FROM roles WHERE name = 'Report Viewer' ON CONFLICT DO NOTHING;

UPDATE alembic_version SET version_num='0028' WHERE alembic_version.version_num = '0027';

-- Running upgrade 0028 -> 0029

CREATE TABLE report_schedules (
    id BIGSERIAL NOT NULL, 
    report TEXT NOT NULL, 
    rhythm TEXT NOT NULL, 
    user_id BIGINT NOT NULL, 
    next_on DATE NOT NULL, 
    created_by TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    ended_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_report_schedules PRIMARY KEY (id), 
    CONSTRAINT ck_report_schedules_rhythm CHECK (rhythm IN ('daily', 'weekly', 'monthly')), 
    CONSTRAINT fk_report_schedules_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE INDEX ix_report_schedules_due ON report_schedules (next_on, id) WHERE ended_at IS NULL;

CREATE INDEX ix_report_schedules_user_id ON report_schedules (user_id);

CREATE UNIQUE INDEX uq_report_schedules_running ON report_schedules (report, rhythm, user_id) WHERE ended_at IS NULL;

CREATE TABLE report_sendings (
    id BIGSERIAL NOT NULL, 
    schedule_id BIGINT NOT NULL, 
    due_on DATE NOT NULL, 
    since DATE NOT NULL, 
    until DATE NOT NULL, 
    outcome TEXT NOT NULL, 
    message_id BIGINT, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_report_sendings PRIMARY KEY (id), 
    CONSTRAINT ck_report_sendings_message_id CHECK ((outcome = 'queued') = (message_id IS NOT NULL)), 
    CONSTRAINT ck_report_sendings_outcome CHECK (outcome IN ('queued', 'refused')), 
    CONSTRAINT fk_report_sendings_message_id FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_report_sendings_schedule_id FOREIGN KEY(schedule_id) REFERENCES report_schedules (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_report_sendings_schedule_id_due_on UNIQUE (schedule_id, due_on)
);

CREATE INDEX ix_report_sendings_message_id ON report_sendings (message_id) WHERE message_id IS NOT NULL;

CREATE INDEX ix_subscriptions_created_at ON subscriptions (created_at, id);

CREATE INDEX ix_subscriptions_start_on ON subscriptions (start_on, customer_id);

CREATE INDEX ix_payments_reversed_on ON payments (reversed_on) WHERE reversed_on IS NOT NULL;

CREATE INDEX ix_invoices_voided_on ON invoices (voided_on) WHERE voided_on IS NOT NULL;

UPDATE alembic_version SET version_num='0029' WHERE alembic_version.version_num = '0028';

-- Running upgrade 0029 -> 0030

CREATE TABLE refunds (
    id BIGSERIAL NOT NULL, 
    number TEXT NOT NULL, 
    customer_id BIGINT NOT NULL, 
    amount_minor BIGINT NOT NULL, 
    method TEXT NOT NULL, 
    reference TEXT NOT NULL, 
    refunded_on DATE NOT NULL, 
    reason TEXT NOT NULL, 
    status TEXT NOT NULL, 
    idempotency_key TEXT, 
    recorded_by TEXT NOT NULL, 
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    cancelled_on DATE, 
    cancel_reason TEXT, 
    CONSTRAINT pk_refunds PRIMARY KEY (id), 
    CONSTRAINT ck_refunds_method CHECK (method IN ('cash', 'bank', 'e_wallet', 'card', 'cheque')), 
    CONSTRAINT ck_refunds_status CHECK (status IN ('recorded', 'cancelled')), 
    CONSTRAINT ck_refunds_amount_minor CHECK (amount_minor > 0), 
    CONSTRAINT fk_refunds_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_refunds_idempotency_key UNIQUE (idempotency_key), 
    CONSTRAINT uq_refunds_number UNIQUE (number)
);

CREATE INDEX ix_refunds_customer_id ON refunds (customer_id, id);

CREATE INDEX ix_refunds_refunded_on ON refunds (refunded_on, id);

CREATE TABLE proformas (
    id BIGSERIAL NOT NULL, 
    number TEXT NOT NULL, 
    customer_id BIGINT NOT NULL, 
    seller_id BIGINT NOT NULL, 
    issued_on DATE NOT NULL, 
    valid_until DATE NOT NULL, 
    net_minor BIGINT NOT NULL, 
    tax_minor BIGINT NOT NULL, 
    total_minor BIGINT NOT NULL, 
    buyer_name TEXT NOT NULL, 
    buyer_address TEXT NOT NULL, 
    buyer_tax_identifier TEXT NOT NULL, 
    note TEXT DEFAULT '' NOT NULL, 
    lines JSONB NOT NULL, 
    taxes JSONB NOT NULL, 
    status TEXT NOT NULL, 
    invoice_id BIGINT, 
    cancel_reason TEXT, 
    created_by TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_proformas PRIMARY KEY (id), 
    CONSTRAINT ck_proformas_invoice_id CHECK ((status = 'invoiced') = (invoice_id IS NOT NULL)), 
    CONSTRAINT ck_proformas_status CHECK (status IN ('open', 'invoiced', 'cancelled')), 
    CONSTRAINT ck_proformas_total_minor CHECK (total_minor = net_minor + tax_minor), 
    CONSTRAINT fk_proformas_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_proformas_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoices (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_proformas_seller_id FOREIGN KEY(seller_id) REFERENCES company_identities (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_proformas_number UNIQUE (number)
);

CREATE INDEX ix_proformas_customer_id ON proformas (customer_id, id);

CREATE INDEX ix_proformas_issued_on ON proformas (issued_on, id);

CREATE TABLE write_offs (
    id BIGSERIAL NOT NULL, 
    invoice_id BIGINT NOT NULL, 
    amount_minor BIGINT NOT NULL, 
    written_off_on DATE NOT NULL, 
    reason TEXT NOT NULL, 
    created_by TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_write_offs PRIMARY KEY (id), 
    CONSTRAINT ck_write_offs_amount_minor CHECK (amount_minor > 0), 
    CONSTRAINT fk_write_offs_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoices (id) ON DELETE RESTRICT
);

CREATE INDEX ix_write_offs_invoice_id ON write_offs (invoice_id);

CREATE INDEX ix_write_offs_written_off_on ON write_offs (written_off_on, id);

ALTER TABLE payment_allocations ADD COLUMN write_off_id BIGINT;

ALTER TABLE payment_allocations ADD COLUMN refund_id BIGINT;

ALTER TABLE payment_allocations ALTER COLUMN invoice_id DROP NOT NULL;

CREATE INDEX ix_payment_allocations_refund_id ON payment_allocations (refund_id) WHERE refund_id IS NOT NULL;

CREATE INDEX ix_payment_allocations_write_off_id ON payment_allocations (write_off_id) WHERE write_off_id IS NOT NULL;

ALTER TABLE payment_allocations ADD CONSTRAINT fk_payment_allocations_write_off_id FOREIGN KEY(write_off_id) REFERENCES write_offs (id) ON DELETE RESTRICT;

ALTER TABLE payment_allocations ADD CONSTRAINT fk_payment_allocations_refund_id FOREIGN KEY(refund_id) REFERENCES refunds (id) ON DELETE RESTRICT;

ALTER TABLE payments DROP CONSTRAINT ck_payments_method;

ALTER TABLE payments ADD CONSTRAINT ck_payments_method CHECK (method IN ('cash', 'bank', 'e_wallet', 'card', 'cheque', 'withholding'));

ALTER TABLE payment_allocations DROP CONSTRAINT ck_payment_allocations_source;

ALTER TABLE payment_allocations ADD CONSTRAINT ck_payment_allocations_source CHECK (num_nonnulls(payment_id, credit_note_id, write_off_id) = 1);

ALTER TABLE payment_allocations ADD CONSTRAINT ck_payment_allocations_target CHECK (num_nonnulls(invoice_id, refund_id) = 1 AND (refund_id IS NULL OR write_off_id IS NULL));

CREATE TRIGGER refunds_frozen BEFORE UPDATE ON refunds
    FOR EACH ROW EXECUTE FUNCTION freeze_except('status', 'cancelled_on', 'cancel_reason');
CREATE TRIGGER refunds_kept BEFORE DELETE ON refunds FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proformas_frozen BEFORE UPDATE ON proformas
    FOR EACH ROW EXECUTE FUNCTION freeze_except('status', 'invoice_id', 'cancel_reason');
CREATE TRIGGER proformas_kept BEFORE DELETE ON proformas FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER write_offs_frozen BEFORE UPDATE OR DELETE ON write_offs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

UPDATE alembic_version SET version_num='0030' WHERE alembic_version.version_num = '0029';

-- Running upgrade 0030 -> 0031

CREATE TABLE sign_in_rules (
    id BIGSERIAL NOT NULL, 
    requires_second_factor BOOLEAN DEFAULT false NOT NULL, 
    CONSTRAINT pk_sign_in_rules PRIMARY KEY (id), 
    CONSTRAINT ck_sign_in_rules_single_row CHECK (id = 1)
);

INSERT INTO sign_in_rules (id) VALUES (1);

CREATE TABLE recovery_codes (
    id BIGSERIAL NOT NULL, 
    user_id BIGINT NOT NULL, 
    code_digest TEXT NOT NULL, 
    used_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_recovery_codes PRIMARY KEY (id), 
    CONSTRAINT fk_recovery_codes_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
    CONSTRAINT uq_recovery_codes_user_id_code_digest UNIQUE (user_id, code_digest)
);

CREATE TABLE second_factors (
    id BIGSERIAL NOT NULL, 
    user_id BIGINT NOT NULL, 
    sealed_secret TEXT NOT NULL, 
    last_step BIGINT NOT NULL, 
    failed_count BIGINT DEFAULT 0 NOT NULL, 
    locked_until TIMESTAMP WITH TIME ZONE, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_second_factors PRIMARY KEY (id), 
    CONSTRAINT fk_second_factors_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
    CONSTRAINT uq_second_factors_user_id UNIQUE (user_id)
);

ALTER TABLE roles ADD COLUMN requires_second_factor BOOLEAN DEFAULT false NOT NULL;

ALTER TABLE user_sessions ADD COLUMN awaits_second_factor BOOLEAN DEFAULT false NOT NULL;

UPDATE alembic_version SET version_num='0031' WHERE alembic_version.version_num = '0030';

-- Running upgrade 0031 -> 0032

ALTER TABLE company_settings ADD COLUMN logo_file_id BIGINT;

ALTER TABLE company_settings ADD COLUMN first_steps_hidden_at TIMESTAMP WITH TIME ZONE;

ALTER TABLE company_settings ADD CONSTRAINT fk_company_settings_logo_file_id FOREIGN KEY(logo_file_id) REFERENCES stored_files (id) ON DELETE RESTRICT;

ALTER TABLE users ADD COLUMN news_seen_at TIMESTAMP WITH TIME ZONE;

UPDATE alembic_version SET version_num='0032' WHERE alembic_version.version_num = '0031';

-- Running upgrade 0032 -> 0033

CREATE TABLE billing_run_previews (
    id BIGSERIAL NOT NULL, 
    billing_on DATE NOT NULL, 
    ordered_by TEXT NOT NULL, 
    ordered_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    made_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_billing_run_previews PRIMARY KEY (id), 
    CONSTRAINT uq_billing_run_previews_billing_on UNIQUE (billing_on)
);

CREATE TABLE billing_run_preview_parts (
    id BIGSERIAL NOT NULL, 
    preview_id BIGINT NOT NULL, 
    ordinal BIGINT NOT NULL, 
    first_customer_id BIGINT NOT NULL, 
    last_customer_id BIGINT NOT NULL, 
    outcome JSONB, 
    bills JSONB, 
    CONSTRAINT pk_billing_run_preview_parts PRIMARY KEY (id), 
    CONSTRAINT fk_billing_run_preview_parts_preview_id FOREIGN KEY(preview_id) REFERENCES billing_run_previews (id) ON DELETE CASCADE, 
    CONSTRAINT uq_billing_run_preview_parts_preview_id_ordinal UNIQUE (preview_id, ordinal)
);

CREATE INDEX ix_billing_run_preview_parts_pending ON billing_run_preview_parts (preview_id) WHERE outcome IS NULL;

UPDATE alembic_version SET version_num='0033' WHERE alembic_version.version_num = '0032';

-- Running upgrade 0033 -> 0034

ALTER TABLE plans ADD COLUMN trial_days SMALLINT DEFAULT 0 NOT NULL;

ALTER TABLE plans ADD CONSTRAINT ck_plans_trial_days CHECK (trial_days BETWEEN 0 AND 366);

UPDATE alembic_version SET version_num='0034' WHERE alembic_version.version_num = '0033';

-- Running upgrade 0034 -> 0035

ALTER TABLE invoice_lines ALTER CONSTRAINT fk_invoice_lines_invoice_id DEFERRABLE INITIALLY IMMEDIATE;

ALTER TABLE invoice_taxes ALTER CONSTRAINT fk_invoice_taxes_invoice_id DEFERRABLE INITIALLY IMMEDIATE;

ALTER TABLE invoice_line_taxes ALTER CONSTRAINT fk_invoice_line_taxes_invoice_id DEFERRABLE INITIALLY IMMEDIATE;

ALTER TABLE discount_uses ALTER CONSTRAINT fk_discount_uses_invoice_id DEFERRABLE INITIALLY IMMEDIATE;

UPDATE alembic_version SET version_num='0035' WHERE alembic_version.version_num = '0034';

-- Running upgrade 0035 -> 0036

CREATE TABLE standing_figures (
    id BIGSERIAL NOT NULL, 
    name TEXT NOT NULL, 
    day DATE NOT NULL, 
    reckoned_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    figures JSONB NOT NULL, 
    CONSTRAINT pk_standing_figures PRIMARY KEY (id), 
    CONSTRAINT uq_standing_figures_name UNIQUE (name)
);

DROP INDEX ix_customers_area_id;

CREATE INDEX ix_customers_area_id ON customers (area_id, merged_into_id);

UPDATE alembic_version SET version_num='0036' WHERE alembic_version.version_num = '0035';

-- Running upgrade 0036 -> 0037

ALTER TABLE import_batches ADD COLUMN finished_at TIMESTAMP WITH TIME ZONE;

UPDATE import_batches SET finished_at = coalesce(undone_at, created_at) WHERE status IN ('imported', 'undone');

CREATE INDEX ix_import_batches_finished_at ON import_batches (finished_at) WHERE finished_at IS NOT NULL;

ALTER TABLE installations ADD COLUMN given_at TIMESTAMP WITH TIME ZONE;

CREATE INDEX ix_installations_given_at ON installations (technician_id, given_at) WHERE given_at IS NOT NULL;

CREATE INDEX ix_installations_installed_on ON installations (installed_on, id) WHERE installed_on IS NOT NULL;

ALTER TABLE tickets ADD COLUMN given_at TIMESTAMP WITH TIME ZONE;

CREATE INDEX ix_tickets_given_at ON tickets (assignee_id, given_at) WHERE given_at IS NOT NULL;

CREATE INDEX ix_tickets_resolved_by_id ON tickets (resolved_by_id, resolved_at) WHERE resolved_by_id IS NOT NULL;

UPDATE alembic_version SET version_num='0037' WHERE alembic_version.version_num = '0036';

-- Running upgrade 0037 -> 0038

CREATE TABLE invoice_handovers (
    id BIGSERIAL NOT NULL, 
    invoice_id BIGINT NOT NULL, 
    handed_on DATE NOT NULL, 
    note TEXT DEFAULT '' NOT NULL, 
    recorded_by TEXT NOT NULL, 
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_invoice_handovers PRIMARY KEY (id), 
    CONSTRAINT fk_invoice_handovers_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoices (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_invoice_handovers_invoice_id UNIQUE (invoice_id)
);

ALTER TABLE company_settings ADD COLUMN mails_invoices BOOLEAN DEFAULT true NOT NULL;

ALTER TABLE messages ADD COLUMN enclosure TEXT;

ALTER TABLE charges DROP CONSTRAINT ck_charges_unit_price_minor;

ALTER TABLE charges ADD CONSTRAINT ck_charges_unit_price_minor CHECK (unit_price_minor <> 0 AND (unit_price_minor > 0) = (kind <> 'deposit_return') OR unit_price_minor < 0 AND kind IN ('adjustment', 'usage', 'late_fee'));

UPDATE alembic_version SET version_num='0038' WHERE alembic_version.version_num = '0037';

-- Running upgrade 0038 -> 0039

ALTER TABLE report_schedules ADD COLUMN area_id BIGINT;

ALTER TABLE report_schedules ADD COLUMN file_format TEXT DEFAULT 'csv' NOT NULL;

ALTER TABLE report_schedules ADD CONSTRAINT fk_report_schedules_area_id FOREIGN KEY(area_id) REFERENCES areas (id) ON DELETE RESTRICT;

ALTER TABLE report_schedules ADD CONSTRAINT ck_report_schedules_file_format CHECK (file_format IN ('csv', 'xlsx', 'pdf'));

DROP INDEX uq_report_schedules_running;

CREATE UNIQUE INDEX uq_report_schedules_running ON report_schedules (report, rhythm, user_id, coalesce(area_id, 0)) WHERE ended_at IS NULL;

CREATE INDEX ix_report_schedules_area_id ON report_schedules (area_id) WHERE area_id IS NOT NULL;

UPDATE alembic_version SET version_num='0039' WHERE alembic_version.version_num = '0038';

-- Running upgrade 0039 -> 0040

CREATE TABLE sms_accounts (
    id BIGSERIAL NOT NULL, 
    account_sid TEXT NOT NULL, 
    sealed_token TEXT NOT NULL, 
    sender TEXT NOT NULL, 
    is_enabled BOOLEAN DEFAULT true NOT NULL, 
    CONSTRAINT pk_sms_accounts PRIMARY KEY (id), 
    CONSTRAINT ck_sms_accounts_single_row CHECK (id = 1)
);

ALTER TABLE messages ADD COLUMN segments SMALLINT;

ALTER TABLE messages ADD COLUMN provider_id TEXT;

ALTER TABLE messages ADD COLUMN delivery TEXT;

ALTER TABLE messages ADD CONSTRAINT ck_messages_channel CHECK (channel IN ('email', 'sms'));

ALTER TABLE messages ADD CONSTRAINT ck_messages_segments CHECK ((channel = 'sms') = (segments IS NOT NULL));

ALTER TABLE collection_steps ADD COLUMN channel TEXT DEFAULT 'email' NOT NULL;

ALTER TABLE collection_steps ADD CONSTRAINT ck_collection_steps_channel CHECK (channel IN ('email', 'sms', 'hand'));

ALTER TABLE collection_actions ADD COLUMN is_by_hand BOOLEAN DEFAULT false NOT NULL;

ALTER TABLE collection_actions ADD COLUMN told_at TIMESTAMP WITH TIME ZONE;

ALTER TABLE collection_actions ADD COLUMN told_by TEXT;

ALTER TABLE collection_actions ADD COLUMN told_note TEXT DEFAULT '' NOT NULL;

ALTER TABLE collection_actions ADD CONSTRAINT ck_collection_actions_told CHECK ((told_at IS NULL) = (told_by IS NULL) AND (is_by_hand OR told_at IS NULL));

CREATE INDEX ix_collection_actions_to_tell ON collection_actions (id) WHERE is_by_hand AND told_at IS NULL;

CREATE TABLE statement_batches (
    id BIGSERIAL NOT NULL, 
    since DATE NOT NULL, 
    until DATE NOT NULL, 
    created_by TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    completed_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_statement_batches PRIMARY KEY (id), 
    CONSTRAINT ck_statement_batches_until CHECK (until >= since)
);

CREATE TABLE statement_deliveries (
    id BIGSERIAL NOT NULL, 
    batch_id BIGINT NOT NULL, 
    customer_id BIGINT NOT NULL, 
    outcome TEXT, 
    message_id BIGINT, 
    CONSTRAINT pk_statement_deliveries PRIMARY KEY (id), 
    CONSTRAINT ck_statement_deliveries_outcome CHECK (outcome IN ('queued', 'no_address')), 
    CONSTRAINT ck_statement_deliveries_message_id CHECK ((outcome = 'queued') = (message_id IS NOT NULL) OR outcome IS NULL AND message_id IS NULL), 
    CONSTRAINT fk_statement_deliveries_batch_id FOREIGN KEY(batch_id) REFERENCES statement_batches (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_statement_deliveries_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_statement_deliveries_message_id FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_statement_deliveries_batch_id_customer_id UNIQUE (batch_id, customer_id)
);

CREATE INDEX ix_statement_deliveries_waiting ON statement_deliveries (batch_id, id) WHERE outcome IS NULL;

CREATE INDEX ix_statement_deliveries_customer_id ON statement_deliveries (customer_id);

CREATE INDEX ix_statement_deliveries_message_id ON statement_deliveries (message_id) WHERE message_id IS NOT NULL;

UPDATE alembic_version SET version_num='0040' WHERE alembic_version.version_num = '0039';

-- Running upgrade 0040 -> 0041

INSERT INTO role_permissions (role_id, permission) SELECT id, 'create_subscription' FROM roles WHERE name = 'Cashier' AND is_default ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_collections' FROM roles WHERE name = 'Cashier' AND is_default ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_dashboard' FROM roles WHERE name = 'Collector' AND is_default ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_subscriptionplan_list' FROM roles WHERE name = 'Collector' AND is_default ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'create_subscription' FROM roles WHERE name = 'Collector' AND is_default ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_dashboard' FROM roles WHERE name = 'Technician' AND is_default ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_subscription_list' FROM roles WHERE name = 'Technician' AND is_default ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_collections' FROM roles WHERE name = 'Customer Service' AND is_default ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_lcp_list' FROM roles WHERE name = 'Customer Service' AND is_default ON CONFLICT DO NOTHING;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'view_subscription_list' FROM roles WHERE name = 'Marketing' AND is_default ON CONFLICT DO NOTHING;

UPDATE alembic_version SET version_num='0041' WHERE alembic_version.version_num = '0040';

-- Running upgrade 0041 -> 0042

ALTER TABLE installations ADD COLUMN status_reason TEXT DEFAULT '' NOT NULL;

ALTER TABLE installations DROP CONSTRAINT ck_installations_status;

UPDATE installations SET status = 'cancelled' WHERE status = 'terminated' AND installed_on IS NULL;

ALTER TABLE installations ADD CONSTRAINT ck_installations_status CHECK (status IN ('scheduled', 'failed', 'active', 'cancelled', 'terminated'));

UPDATE alembic_version SET version_num='0042' WHERE alembic_version.version_num = '0041';

-- Running upgrade 0042 -> 0043

CREATE OR REPLACE FUNCTION check_postings_balance() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    crooked bigint;
BEGIN
    SELECT touched.entry_id INTO crooked FROM (SELECT DISTINCT entry_id FROM added) touched
        CROSS JOIN LATERAL (
            SELECT sum(p.amount_minor) AS amount_minor FROM journal_postings p WHERE p.entry_id = touched.entry_id
        ) whole WHERE whole.amount_minor <> 0 LIMIT 1;
    IF crooked IS NOT NULL THEN
        RAISE EXCEPTION USING MESSAGE = 'journal entry ' || crooked || ' does not balance',
            ERRCODE = 'check_violation', CONSTRAINT = 'ck_journal_entries_balanced';
    END IF;
    RETURN NULL;
END $$;

UPDATE alembic_version SET version_num='0043' WHERE alembic_version.version_num = '0042';

-- Running upgrade 0043 -> 0044

ALTER TABLE subscription_pauses ADD COLUMN follows_customer BOOLEAN DEFAULT false NOT NULL;

UPDATE subscription_pauses SET follows_customer = true FROM subscriptions, customers WHERE subscriptions.id = subscription_pauses.subscription_id AND customers.id = subscriptions.customer_id AND customers.status = 'suspended' AND subscription_pauses.end_on IS NULL;

DROP INDEX uq_subscription_pauses_open;

CREATE UNIQUE INDEX uq_subscription_pauses_open ON subscription_pauses (subscription_id, follows_customer) WHERE end_on IS NULL;

CREATE INDEX ix_subscription_pauses_days ON subscription_pauses (start_on, end_on);

CREATE INDEX ix_subscriptions_suspended ON subscriptions (id) WHERE status = 'suspended';

UPDATE alembic_version SET version_num='0044' WHERE alembic_version.version_num = '0043';

-- Running upgrade 0044 -> 0045

CREATE TABLE draft_invoices (
    id BIGSERIAL NOT NULL, 
    customer_id BIGINT NOT NULL, 
    due_on DATE, 
    note TEXT DEFAULT '' NOT NULL, 
    lines JSONB NOT NULL, 
    net_minor BIGINT NOT NULL, 
    tax_minor BIGINT NOT NULL, 
    total_minor BIGINT NOT NULL, 
    invoice_id BIGINT, 
    created_by TEXT NOT NULL, 
    created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_draft_invoices PRIMARY KEY (id), 
    CONSTRAINT ck_draft_invoices_total_minor CHECK (total_minor = net_minor + tax_minor), 
    CONSTRAINT fk_draft_invoices_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_draft_invoices_invoice_id FOREIGN KEY(invoice_id) REFERENCES invoices (id) ON DELETE RESTRICT, 
    CONSTRAINT uq_draft_invoices_invoice_id UNIQUE (invoice_id)
);

CREATE INDEX ix_draft_invoices_customer_id ON draft_invoices (customer_id, id);

CREATE INDEX ix_draft_invoices_waiting ON draft_invoices (id) WHERE invoice_id IS NULL;

INSERT INTO role_permissions (role_id, permission) SELECT id, 'draft_invoice' FROM roles WHERE name IN ('Manager', 'Customer Service') AND is_default ON CONFLICT DO NOTHING;

UPDATE alembic_version SET version_num='0045' WHERE alembic_version.version_num = '0044';

-- Running upgrade 0045 -> 0046

ALTER TABLE plans DROP CONSTRAINT ck_plans_kind;

ALTER TABLE plans ADD CONSTRAINT ck_plans_kind CHECK (kind IN ('internet', 'voice', 'addon', 'one_time'));

UPDATE alembic_version SET version_num='0046' WHERE alembic_version.version_num = '0045';

-- Running upgrade 0046 -> 0047

CREATE TABLE suspension_reasons (
            id BIGSERIAL NOT NULL,
            name TEXT NOT NULL,
            billing TEXT NOT NULL,
            is_active BOOLEAN DEFAULT true NOT NULL,
            CONSTRAINT pk_suspension_reasons PRIMARY KEY (id),
            CONSTRAINT ck_suspension_reasons_billing CHECK (billing IN ('bill', 'skip', 'credit'))
        );

CREATE UNIQUE INDEX uq_suspension_reasons_name ON suspension_reasons (lower(name));

INSERT INTO suspension_reasons (name, billing)
        SELECT 'Non-payment', suspension_billing FROM collection_policies;

INSERT INTO suspension_reasons (name, billing)
        SELECT name, billing
        FROM (VALUES ('Customer''s holiday', 'credit'), ('Technical fault', 'credit'),
            ('At the customer''s request', 'skip'), ('Misuse of the line', 'bill')) AS given (name, billing)
        WHERE EXISTS (SELECT FROM collection_policies);

ALTER TABLE subscription_pauses ADD COLUMN reason_id BIGINT;

ALTER TABLE subscription_pauses ADD CONSTRAINT fk_subscription_pauses_reason_id_suspension_reasons
        FOREIGN KEY (reason_id) REFERENCES suspension_reasons (id) ON DELETE RESTRICT;

ALTER TABLE collection_policies ADD COLUMN suspension_reason_id BIGINT;

UPDATE collection_policies SET suspension_reason_id = suspension_reasons.id
        FROM suspension_reasons WHERE suspension_reasons.name = 'Non-payment';

ALTER TABLE collection_policies
        ADD CONSTRAINT fk_collection_policies_suspension_reason_id_suspension_reasons
        FOREIGN KEY (suspension_reason_id) REFERENCES suspension_reasons (id) ON DELETE RESTRICT;

ALTER TABLE collection_policies ALTER COLUMN suspension_reason_id SET NOT NULL;

ALTER TABLE collection_policies DROP COLUMN suspension_billing;

UPDATE alembic_version SET version_num='0047' WHERE alembic_version.version_num = '0046';

-- Running upgrade 0047 -> 0048

ALTER TABLE discount_uses DROP CONSTRAINT uq_discount_uses_invoice_id_position_grant_id;

ALTER TABLE discount_uses ADD CONSTRAINT uq_discount_uses_invoice_id_position_grant_id_begins_on UNIQUE (invoice_id, position, grant_id, begins_on);

ALTER TABLE prepaid_loads ADD COLUMN rounding_minor BIGINT DEFAULT 0 NOT NULL;

ALTER TABLE prepaid_loads DROP CONSTRAINT ck_prepaid_loads_credited_minor;

ALTER TABLE prepaid_loads ADD CONSTRAINT ck_prepaid_loads_credited_minor CHECK (credited_minor BETWEEN 0 AND net_minor + tax_minor + rounding_minor);

UPDATE alembic_version SET version_num='0048' WHERE alembic_version.version_num = '0047';

-- Running upgrade 0048 -> 0049

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
        );

CREATE INDEX ix_print_orders_at_work ON print_orders (id) WHERE made_at IS NULL;

CREATE INDEX ix_print_orders_ordered_at ON print_orders (ordered_at);

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
        );

CREATE INDEX ix_print_parts_pending ON print_parts (order_id) WHERE made_at IS NULL;

UPDATE alembic_version SET version_num='0049' WHERE alembic_version.version_num = '0048';

-- Running upgrade 0049 -> 0050

DROP INDEX ix_invoices_open;

CREATE INDEX ix_invoices_open ON invoices (due_on, customer_id) INCLUDE (total_minor) WHERE settled_on IS NULL AND status = 'issued' AND kind <> 'credit_note';

UPDATE alembic_version SET version_num='0050' WHERE alembic_version.version_num = '0049';

-- Running upgrade 0050 -> 0051

ALTER TABLE company_identities ADD COLUMN registration TEXT DEFAULT '' NOT NULL;

UPDATE alembic_version SET version_num='0051' WHERE alembic_version.version_num = '0050';

-- Running upgrade 0051 -> 0052

DROP INDEX ix_customers_search_text;

ALTER TABLE customers DROP COLUMN search_text;

ALTER TABLE customers ADD COLUMN search_text TEXT GENERATED ALWAYS AS (translate(lower(account_number || ' ' || name || ' ' || phone || ' ' || email || ' ' || street || ' ' || landmark || ' ' || coalesce(external_reference, '') || ' ' || contact_text), U&'\00e1\00e0\00e2\00e4\00e3\00e5\00e9\00e8\00ea\00eb\00ed\00ec\00ee\00ef\00f3\00f2\00f4\00f6\00f5\00fa\00f9\00fb\00fc\00f1\00e7\00fd\00ff', 'aaaaaaeeeeiiiiooooouuuuncyy')) STORED NOT NULL;

CREATE INDEX ix_customers_search_text ON customers USING gin (search_text extensions.gin_trgm_ops);

DROP INDEX ix_tickets_search_text;

ALTER TABLE tickets DROP COLUMN search_text;

ALTER TABLE tickets ADD COLUMN search_text TEXT GENERATED ALWAYS AS (translate(lower(number || ' ' || subject || ' ' || contact), U&'\00e1\00e0\00e2\00e4\00e3\00e5\00e9\00e8\00ea\00eb\00ed\00ec\00ee\00ef\00f3\00f2\00f4\00f6\00f5\00fa\00f9\00fb\00fc\00f1\00e7\00fd\00ff', 'aaaaaaeeeeiiiiooooouuuuncyy')) STORED NOT NULL;

CREATE INDEX ix_tickets_search_text ON tickets USING gin (search_text extensions.gin_trgm_ops);

UPDATE alembic_version SET version_num='0052' WHERE alembic_version.version_num = '0051';

-- Running upgrade 0052 -> 0053

ALTER TABLE subscription_components ADD COLUMN replaced_on DATE;

UPDATE subscription_components part SET replaced_on = part.end_on FROM subscriptions line
         WHERE line.id = part.subscription_id AND part.end_on IS NOT NULL
           AND (line.end_on IS NULL OR part.end_on < line.end_on
                OR EXISTS (SELECT FROM subscription_components other
                            WHERE other.subscription_id = line.id AND other.id <> part.id
                              AND other.start_on = part.end_on AND part.end_on > part.start_on)
                OR (part.start_on > line.end_on
                    AND EXISTS (SELECT FROM subscription_components other
                                 WHERE other.subscription_id = line.id AND other.start_on < part.start_on)));

ALTER TABLE subscription_components ADD CONSTRAINT ck_subscription_components_replaced_on
              CHECK (replaced_on IS NULL OR (end_on IS NOT NULL AND end_on <= replaced_on));

UPDATE alembic_version SET version_num='0053' WHERE alembic_version.version_num = '0052';

-- Running upgrade 0053 -> 0054

CREATE TABLE portal_links (
            id BIGSERIAL NOT NULL,
            customer_id BIGINT NOT NULL,
            token_seed TEXT NOT NULL,
            given_by TEXT NOT NULL,
            given_at TIMESTAMP WITH TIME ZONE NOT NULL,
            CONSTRAINT pk_portal_links PRIMARY KEY (id),
            CONSTRAINT uq_portal_links_customer_id UNIQUE (customer_id),
            CONSTRAINT uq_portal_links_token_seed UNIQUE (token_seed),
            CONSTRAINT fk_portal_links_customer_id FOREIGN KEY (customer_id)
                REFERENCES customers (id) ON DELETE CASCADE
        );

UPDATE alembic_version SET version_num='0054' WHERE alembic_version.version_num = '0053';

-- Running upgrade 0054 -> 0055

ALTER TABLE import_batches DROP CONSTRAINT ck_import_batches_status;

ALTER TABLE import_batches ADD CONSTRAINT ck_import_batches_status
              CHECK (status IN ('checked', 'looking', 'running', 'imported', 'undoing', 'undone'));

DROP INDEX ix_import_batches_running;

CREATE INDEX ix_import_batches_working ON import_batches (id)
         WHERE status IN ('looking', 'running', 'undoing');

ALTER TABLE import_batches ADD COLUMN notation JSONB;

ALTER TABLE import_mappings ADD COLUMN notation JSONB;

ALTER TABLE import_rows ADD COLUMN keys JSONB DEFAULT '[]' NOT NULL;

ALTER TABLE import_rows ADD COLUMN errors JSONB DEFAULT '[]' NOT NULL;

UPDATE import_batches SET report = NULL WHERE status = 'checked';

UPDATE alembic_version SET version_num='0055' WHERE alembic_version.version_num = '0054';

-- Running upgrade 0055 -> 0056

DROP INDEX ix_areas_name;

DROP INDEX ix_plans_name;

DROP INDEX ix_customers_name;

DROP INDEX ix_lcps_name;

CREATE INDEX ix_customers_name ON customers (translate(lower(name), U&'\00e1\00e0\00e2\00e4\00e3\00e5\00e9\00e8\00ea\00eb\00ed\00ec\00ee\00ef\00f3\00f2\00f4\00f6\00f5\00fa\00f9\00fb\00fc\00f1\00e7\00fd\00ff', 'aaaaaaeeeeiiiiooooouuuuncyy'), id);

CREATE INDEX ix_lcps_name ON lcps (translate(lower(name), U&'\00e1\00e0\00e2\00e4\00e3\00e5\00e9\00e8\00ea\00eb\00ed\00ec\00ee\00ef\00f3\00f2\00f4\00f6\00f5\00fa\00f9\00fb\00fc\00f1\00e7\00fd\00ff', 'aaaaaaeeeeiiiiooooouuuuncyy'), id);

UPDATE alembic_version SET version_num='0056' WHERE alembic_version.version_num = '0055';

-- Running upgrade 0056 -> 0057

ALTER TABLE import_batches ADD COLUMN head JSONB;

UPDATE alembic_version SET version_num='0057' WHERE alembic_version.version_num = '0056';

-- Running upgrade 0057 -> 0058

ALTER TABLE subscriptions ADD COLUMN end_reason TEXT DEFAULT '' NOT NULL;

UPDATE subscriptions SET end_reason = status_reason WHERE end_on IS NOT NULL;

UPDATE subscriptions SET status_reason = (
               SELECT reason FROM subscription_pauses AS pause
                WHERE pause.subscription_id = subscriptions.id
                  AND pause.start_on <= greatest(current_date, subscriptions.suspended_on)
                ORDER BY pause.start_on DESC, pause.id DESC LIMIT 1)
         WHERE status = 'suspended' AND end_on IS NOT NULL
           AND EXISTS (SELECT FROM subscription_pauses AS pause WHERE pause.subscription_id = subscriptions.id
                          AND pause.start_on <= greatest(current_date, subscriptions.suspended_on));

UPDATE alembic_version SET version_num='0058' WHERE alembic_version.version_num = '0057';

-- Running upgrade 0058 -> 0059

CREATE INDEX ix_invoices_open_of ON invoices (customer_id, due_on) INCLUDE (id, total_minor)
         WHERE settled_on IS NULL AND status = 'issued' AND kind <> 'credit_note';

UPDATE alembic_version SET version_num='0059' WHERE alembic_version.version_num = '0058';

-- Running upgrade 0059 -> 0060

ALTER TABLE plans DROP CONSTRAINT ck_plans_kind;

ALTER TABLE plans ADD CONSTRAINT ck_plans_kind CHECK (kind IN ('internet', 'voice', 'other', 'addon', 'one_time'));

UPDATE alembic_version SET version_num='0060' WHERE alembic_version.version_num = '0059';

-- Running upgrade 0060 -> 0061

DROP INDEX ix_tickets_resolution_due_at;

CREATE INDEX ix_tickets_due ON tickets ((
            CASE WHEN (resolved_at IS NOT NULL) THEN timezone('UTC', CASE WHEN (first_response_at IS NULL) THEN response_due_at ELSE resolution_due_at END) + INTERVAL '2000 years'
                 WHEN (paused_at IS NOT NULL) THEN timezone('UTC', CASE WHEN (first_response_at IS NULL) THEN response_due_at ELSE resolution_due_at END) + INTERVAL '1000 years'
                 ELSE timezone('UTC', CASE WHEN (first_response_at IS NULL) THEN response_due_at ELSE resolution_due_at END) END), id);

UPDATE alembic_version SET version_num='0061' WHERE alembic_version.version_num = '0060';

-- Running upgrade 0061 -> 0062

ALTER TABLE invoice_lines ALTER CONSTRAINT fk_invoice_lines_invoice_id DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE invoice_taxes ALTER CONSTRAINT fk_invoice_taxes_invoice_id DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE invoice_line_taxes ALTER CONSTRAINT fk_invoice_line_taxes_invoice_id DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE discount_uses ALTER CONSTRAINT fk_discount_uses_invoice_id DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE journal_postings ALTER CONSTRAINT fk_journal_postings_entry_id DEFERRABLE INITIALLY DEFERRED;

UPDATE alembic_version SET version_num='0062' WHERE alembic_version.version_num = '0061';

-- Running upgrade 0062 -> 0063

CREATE TABLE cash_deposits (
    id BIGSERIAL NOT NULL, 
    amount_minor BIGINT NOT NULL, 
    bank TEXT NOT NULL, 
    reference TEXT NOT NULL, 
    deposited_on DATE NOT NULL, 
    note TEXT NOT NULL, 
    denominations JSONB, 
    status TEXT NOT NULL, 
    recorded_by TEXT NOT NULL, 
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    cancelled_on DATE, 
    cancel_reason TEXT, 
    CONSTRAINT pk_cash_deposits PRIMARY KEY (id), 
    CONSTRAINT ck_cash_deposits_status CHECK (status IN ('recorded', 'cancelled')), 
    CONSTRAINT ck_cash_deposits_amount_minor CHECK (amount_minor > 0)
);

CREATE INDEX ix_cash_deposits_deposited_on ON cash_deposits (deposited_on, id);

CREATE UNIQUE INDEX uq_cash_deposits_reference ON cash_deposits (bank, reference) WHERE status = 'recorded';

CREATE TABLE cash_sessions (
    id BIGSERIAL NOT NULL, 
    holder_id BIGINT NOT NULL, 
    holder_name TEXT NOT NULL, 
    status TEXT NOT NULL, 
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    counted_at TIMESTAMP WITH TIME ZONE, 
    counted_minor BIGINT, 
    denominations JSONB, 
    expected_minor BIGINT, 
    variance_minor BIGINT, 
    variance_reason TEXT, 
    closed_by TEXT, 
    closed_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_cash_sessions PRIMARY KEY (id), 
    CONSTRAINT ck_cash_sessions_closed_at CHECK ((status = 'closed') = (closed_at IS NOT NULL)), 
    CONSTRAINT ck_cash_sessions_counted_minor CHECK ((status = 'open') = (counted_minor IS NULL)), 
    CONSTRAINT ck_cash_sessions_status CHECK (status IN ('open', 'counted', 'closed')), 
    CONSTRAINT fk_cash_sessions_holder_id FOREIGN KEY(holder_id) REFERENCES users (id) ON DELETE RESTRICT
);

CREATE INDEX ix_cash_sessions_opened_at ON cash_sessions (opened_at, id);

CREATE UNIQUE INDEX uq_cash_sessions_live ON cash_sessions (holder_id) WHERE status <> 'closed';

CREATE TABLE cash_handovers (
    id BIGSERIAL NOT NULL, 
    from_session_id BIGINT, 
    to_session_id BIGINT, 
    amount_minor BIGINT NOT NULL, 
    given_by_id BIGINT, 
    given_by TEXT, 
    given_at TIMESTAMP WITH TIME ZONE, 
    taken_by_id BIGINT, 
    taken_by TEXT, 
    taken_at TIMESTAMP WITH TIME ZONE, 
    withdrawn_by TEXT, 
    withdrawn_at TIMESTAMP WITH TIME ZONE, 
    CONSTRAINT pk_cash_handovers PRIMARY KEY (id), 
    CONSTRAINT ck_cash_handovers_amount_minor CHECK (amount_minor > 0), 
    CONSTRAINT ck_cash_handovers_sides CHECK (from_session_id IS DISTINCT FROM to_session_id), 
    CONSTRAINT ck_cash_handovers_signed CHECK (given_at IS NOT NULL OR taken_at IS NOT NULL), 
    CONSTRAINT ck_cash_handovers_withdrawn_at CHECK (withdrawn_at IS NULL OR given_at IS NULL OR taken_at IS NULL), 
    CONSTRAINT fk_cash_handovers_from_session_id FOREIGN KEY(from_session_id) REFERENCES cash_sessions (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_cash_handovers_given_by_id FOREIGN KEY(given_by_id) REFERENCES users (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_cash_handovers_taken_by_id FOREIGN KEY(taken_by_id) REFERENCES users (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_cash_handovers_to_session_id FOREIGN KEY(to_session_id) REFERENCES cash_sessions (id) ON DELETE RESTRICT
);

CREATE INDEX ix_cash_handovers_from_session_id ON cash_handovers (from_session_id, id);

CREATE INDEX ix_cash_handovers_to_session_id ON cash_handovers (to_session_id, id);

CREATE INDEX ix_cash_handovers_waiting ON cash_handovers (id) WHERE withdrawn_at IS NULL AND (given_at IS NULL OR taken_at IS NULL);

CREATE TABLE cash_movements (
    id BIGSERIAL NOT NULL, 
    session_id BIGINT NOT NULL, 
    kind TEXT NOT NULL, 
    amount_minor BIGINT NOT NULL, 
    payment_id BIGINT, 
    refund_id BIGINT, 
    handover_id BIGINT, 
    moved_by TEXT NOT NULL, 
    moved_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    CONSTRAINT pk_cash_movements PRIMARY KEY (id), 
    CONSTRAINT ck_cash_movements_amount_minor CHECK (amount_minor <> 0), 
    CONSTRAINT fk_cash_movements_handover_id FOREIGN KEY(handover_id) REFERENCES cash_handovers (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_cash_movements_payment_id FOREIGN KEY(payment_id) REFERENCES payments (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_cash_movements_refund_id FOREIGN KEY(refund_id) REFERENCES refunds (id) ON DELETE RESTRICT, 
    CONSTRAINT fk_cash_movements_session_id FOREIGN KEY(session_id) REFERENCES cash_sessions (id) ON DELETE RESTRICT
);

CREATE INDEX ix_cash_movements_payment_id ON cash_movements (payment_id) WHERE payment_id IS NOT NULL;

CREATE INDEX ix_cash_movements_refund_id ON cash_movements (refund_id) WHERE refund_id IS NOT NULL;

CREATE INDEX ix_cash_movements_session_id ON cash_movements (session_id, id) INCLUDE (amount_minor);

ALTER TABLE company_settings ADD COLUMN cash_needs_drawer BOOLEAN DEFAULT false NOT NULL;

ALTER TABLE company_settings ADD COLUMN cash_signed_alone BOOLEAN DEFAULT false NOT NULL;

INSERT INTO ledger_accounts (code, name, kind, purpose)
SELECT CASE WHEN EXISTS (SELECT FROM ledger_accounts WHERE code = '6910') THEN '6910-CASH' ELSE '6910' END,
       'Cash over and short', 'expense', 'cash_over_short'
WHERE EXISTS (SELECT FROM ledger_accounts);

INSERT INTO role_permissions (role_id, permission) SELECT id, 'open_cash_session' FROM roles WHERE name = 'Collector' AND is_default ON CONFLICT DO NOTHING;

UPDATE alembic_version SET version_num='0063' WHERE alembic_version.version_num = '0062';

-- Running upgrade 0063 -> 0064

CREATE TABLE collector_areas (
    id BIGSERIAL NOT NULL, 
    user_id BIGINT NOT NULL, 
    area_id BIGINT NOT NULL, 
    CONSTRAINT pk_collector_areas PRIMARY KEY (id), 
    CONSTRAINT fk_collector_areas_area_id FOREIGN KEY(area_id) REFERENCES areas (id) ON DELETE CASCADE, 
    CONSTRAINT fk_collector_areas_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE, 
    CONSTRAINT uq_collector_areas_user_id_area_id UNIQUE (user_id, area_id)
);

CREATE INDEX ix_collector_areas_area_id ON collector_areas (area_id);

UPDATE alembic_version SET version_num='0064' WHERE alembic_version.version_num = '0063';

-- Running upgrade 0064 -> 0065

ALTER TABLE discount_grants ADD COLUMN plan_id BIGINT;

UPDATE discount_grants AS given SET plan_id = part.plan_id, subscription_id = part.subscription_id FROM subscription_components AS part WHERE part.id = given.component_id;

ALTER TABLE discount_grants DROP CONSTRAINT fk_discount_grants_component_id;

ALTER TABLE discount_grants DROP COLUMN component_id;

ALTER TABLE discount_grants ADD CONSTRAINT fk_discount_grants_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id) ON DELETE RESTRICT;

ALTER TABLE discount_grants ADD CONSTRAINT ck_discount_grants_plan_id CHECK (plan_id IS NULL OR subscription_id IS NOT NULL);

UPDATE alembic_version SET version_num='0065' WHERE alembic_version.version_num = '0064';

-- Running upgrade 0065 -> 0066

ALTER TABLE cash_sessions ADD COLUMN closed_by_id BIGINT;

ALTER TABLE cash_sessions ADD CONSTRAINT fk_cash_sessions_closed_by_id FOREIGN KEY(closed_by_id) REFERENCES users (id) ON DELETE RESTRICT;

UPDATE alembic_version SET version_num='0066' WHERE alembic_version.version_num = '0065';

-- Running upgrade 0066 -> 0067

ALTER TABLE tax_rates ADD COLUMN is_usual BOOLEAN DEFAULT false NOT NULL;

ALTER TABLE tax_rates ADD CONSTRAINT ck_tax_rates_is_usual CHECK (is_active OR NOT is_usual);

CREATE UNIQUE INDEX uq_tax_rates_usual ON tax_rates (is_usual) WHERE is_usual;

UPDATE alembic_version SET version_num='0067' WHERE alembic_version.version_num = '0066';

-- Running upgrade 0067 -> 0068

CREATE TABLE cash_intakes (
    id BIGSERIAL NOT NULL, 
    amount_minor BIGINT NOT NULL, 
    origin TEXT NOT NULL, 
    reference TEXT NOT NULL, 
    came_on DATE NOT NULL, 
    note TEXT NOT NULL, 
    status TEXT NOT NULL, 
    recorded_by TEXT NOT NULL, 
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL, 
    cancelled_on DATE, 
    cancel_reason TEXT, 
    CONSTRAINT pk_cash_intakes PRIMARY KEY (id), 
    CONSTRAINT ck_cash_intakes_origin CHECK (origin IN ('bank', 'owner')), 
    CONSTRAINT ck_cash_intakes_status CHECK (status IN ('recorded', 'cancelled')), 
    CONSTRAINT ck_cash_intakes_amount_minor CHECK (amount_minor > 0)
);

CREATE INDEX ix_cash_intakes_came_on ON cash_intakes (came_on, id);

CREATE UNIQUE INDEX uq_cash_intakes_reference ON cash_intakes (origin, reference) WHERE status = 'recorded' AND reference <> '';

INSERT INTO ledger_accounts (code, name, kind, purpose)
SELECT CASE WHEN EXISTS (SELECT FROM ledger_accounts WHERE code = '3100') THEN '3100-OWNER' ELSE '3100' END,
       'Owner''s capital', 'equity', 'owner'
WHERE EXISTS (SELECT FROM ledger_accounts);

UPDATE alembic_version SET version_num='0068' WHERE alembic_version.version_num = '0067';

