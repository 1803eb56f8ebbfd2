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
    FOR EACH ROW EXECUTE FUNCTION freeze_except();
