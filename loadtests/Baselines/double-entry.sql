-- Double entry as a good engineer would write it by hand: accounts with balances, transfers, two entries for each, one function.
CREATE TABLE account (
    id      bigint PRIMARY KEY,
    balance bigint NOT NULL DEFAULT 0,
    floor   bigint NOT NULL DEFAULT -1000000000000,
    entries bigint NOT NULL DEFAULT 0,
    CHECK (balance >= floor)
) WITH (fillfactor = 50);

CREATE TABLE transfer (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key        uuid        NOT NULL UNIQUE,
    payer      bigint      NOT NULL,
    payee      bigint      NOT NULL,
    amount     bigint      NOT NULL CHECK (amount > 0),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE entry (
    account  bigint NOT NULL,
    number   bigint NOT NULL,
    transfer bigint NOT NULL,
    amount   bigint NOT NULL,
    balance  bigint NOT NULL,
    PRIMARY KEY (account, number)
);

-- One transfer: both rows are locked in the order of their ids, so that two transfers never wait for each other in a circle.
CREATE FUNCTION pay(p_key uuid, p_payer bigint, p_payee bigint, p_amount bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    done bigint;
BEGIN
    INSERT INTO transfer (key, payer, payee, amount) VALUES (p_key, p_payer, p_payee, p_amount)
        ON CONFLICT (key) DO NOTHING RETURNING id INTO done;
    IF done IS NULL THEN
        RETURN (SELECT id FROM transfer WHERE key = p_key);
    END IF;

    PERFORM 1 FROM account WHERE id IN (p_payer, p_payee) ORDER BY id FOR NO KEY UPDATE;
    WITH changed AS (
        UPDATE account SET balance = balance + CASE id WHEN p_payer THEN -p_amount ELSE p_amount END, entries = entries + 1
        WHERE id IN (p_payer, p_payee) RETURNING id, balance, entries)
    INSERT INTO entry SELECT id, entries, done, CASE id WHEN p_payer THEN -p_amount ELSE p_amount END, balance FROM changed;
    RETURN done;
END $$;

-- Many transfers in one commit. Running balances are computed in the order of the batch.
CREATE FUNCTION pay_many(p_keys uuid[], p_payers bigint[], p_payees bigint[], p_amounts bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    paid bigint;
BEGIN
    PERFORM 1 FROM account WHERE id IN (SELECT unnest(p_payers) UNION SELECT unnest(p_payees)) ORDER BY id FOR NO KEY UPDATE;
    WITH asked AS (
        SELECT * FROM unnest(p_keys, p_payers, p_payees, p_amounts) AS one(key, payer, payee, amount)),
    made AS (
        INSERT INTO transfer (key, payer, payee, amount) SELECT * FROM asked ON CONFLICT (key) DO NOTHING RETURNING id, payer, payee, amount),
    side AS (
        SELECT id, payer AS account, -amount AS amount FROM made UNION ALL SELECT id, payee, amount FROM made),
    numbered AS (
        SELECT side.id, side.account, side.amount,
            account.entries + row_number() OVER mine AS number, account.balance + sum(side.amount) OVER mine AS balance
        FROM side JOIN account ON account.id = side.account
        WINDOW mine AS (PARTITION BY side.account ORDER BY side.id ROWS UNBOUNDED PRECEDING)),
    written AS (
        INSERT INTO entry SELECT account, number, id, amount, balance FROM numbered RETURNING 1),
    changed AS (
        UPDATE account SET balance = account.balance + total.amount, entries = account.entries + total.entries
        FROM (SELECT account, sum(amount) AS amount, count(*) AS entries FROM side GROUP BY account) AS total
        WHERE account.id = total.account RETURNING 1)
    SELECT count(*) FROM made INTO paid;
    RETURN paid;
END $$;
