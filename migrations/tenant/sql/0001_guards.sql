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
    FOR EACH ROW EXECUTE FUNCTION freeze_except('released_at')
