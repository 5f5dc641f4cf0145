-- Hashes and checksums. SHA-1 comes from PostgreSQL's pgcrypto where the server has it; the other way is slow.
CREATE FUNCTION pg_sparkctl.sha1(message bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    padded bytea := message || decode('80', 'hex') || decode(repeat('00', (119 - length(message) % 64) % 64), 'hex')
                    || int8send(length(message)::int8 * 8);
    h int8[] := ARRAY[1732584193, 4023233417, 2562383102, 271733878, 3285377520];
    word constant int8 := 4294967295;
    w int8[];
    a int8; b int8; c int8; d int8; e int8; f int8; k int8; t int8; x int8;
BEGIN
    FOR block IN 0..length(padded) / 64 - 1 LOOP
        w := ARRAY[]::int8[];
        FOR i IN 0..79 LOOP
            IF i < 16 THEN
                t := block * 64 + i * 4;
                x := (get_byte(padded, t::int4)::int8 << 24) | (get_byte(padded, t::int4 + 1) << 16)
                     | (get_byte(padded, t::int4 + 2) << 8) | get_byte(padded, t::int4 + 3);
            ELSE
                x := w[i - 2] # w[i - 7] # w[i - 13] # w[i - 15];
                x := ((x << 1) | (x >> 31)) & word;
            END IF;
            w := w || x;
        END LOOP;
        a := h[1]; b := h[2]; c := h[3]; d := h[4]; e := h[5];
        FOR i IN 0..79 LOOP
            IF i < 20 THEN
                f := (b & c) | ((~b & word) & d); k := 1518500249;
            ELSIF i < 40 THEN
                f := b # c # d; k := 1859775393;
            ELSIF i < 60 THEN
                f := (b & c) | (b & d) | (c & d); k := 2400959708;
            ELSE
                f := b # c # d; k := 3395469782;
            END IF;
            t := ((((a << 5) | (a >> 27)) & word) + f + e + k + w[i + 1]) & word;
            e := d; d := c; c := ((b << 30) | (b >> 2)) & word; b := a; a := t;
        END LOOP;
        h := ARRAY[(h[1] + a) & word, (h[2] + b) & word, (h[3] + c) & word, (h[4] + d) & word, (h[5] + e) & word];
    END LOOP;
    RETURN substr(int8send(h[1]), 5) || substr(int8send(h[2]), 5) || substr(int8send(h[3]), 5)
           || substr(int8send(h[4]), 5) || substr(int8send(h[5]), 5);
END $$;
DO $do$
BEGIN
    CREATE OR REPLACE FUNCTION pg_sparkctl.digest(message bytea, algorithm text) RETURNS bytea
        LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS '$libdir/pgcrypto', 'pg_digest';
EXCEPTION WHEN undefined_file OR undefined_function THEN
    CREATE OR REPLACE FUNCTION pg_sparkctl.digest(message bytea, algorithm text) RETURNS bytea
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT pg_sparkctl.sha1(message)';
END $do$;
CREATE FUNCTION pg_catalog.sha1(s text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT encode(pg_sparkctl.digest(convert_to(s, 'UTF8'), 'sha1'), 'hex')
$$;
CREATE FUNCTION pg_catalog.sha1(s bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT encode(pg_sparkctl.digest(s, 'sha1'), 'hex')
$$;
CREATE FUNCTION pg_catalog.sha(s text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sha1(s) $$;
CREATE FUNCTION pg_catalog.func_sha1(s text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT sha1(s) $$;
CREATE FUNCTION pg_catalog.sha2(s bytea, bits int4) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT encode(CASE bits WHEN 0 THEN sha256(s) WHEN 256 THEN sha256(s) WHEN 224 THEN sha224(s)
                            WHEN 384 THEN sha384(s) WHEN 512 THEN sha512(s) END, 'hex')
$$;
CREATE FUNCTION pg_catalog.sha2(s text, bits int4) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT sha2(convert_to(s, 'UTF8'), bits)
$$;

-- By the Castagnoli polynomial, as text of eight digits.
CREATE FUNCTION pg_catalog.crc32(s text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    bytes bytea := convert_to(s, 'UTF8');
    crc int8 := 4294967295;
BEGIN
    FOR i IN 0..length(bytes) - 1 LOOP
        crc := crc # get_byte(bytes, i);
        FOR bit IN 1..8 LOOP
            crc := CASE WHEN crc & 1 = 1 THEN (crc >> 1) # 2197175160 ELSE crc >> 1 END;
        END LOOP;
    END LOOP;
    RETURN lpad(to_hex(crc # 4294967295), 8, '0');
END $$;

-- FNV-1a of 64 bits, of the value's bytes, the least first; the seed is another value's hash. Multiplied in halves,
-- because numbers of 64 bits do not wrap around here.
CREATE FUNCTION pg_sparkctl.fnv_bytes(bytes bytea, seed int8) RETURNS int8 LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    h int8 := seed;
    low int8;
    high int8;
BEGIN
    FOR i IN 0..length(bytes) - 1 LOOP
        h := h # get_byte(bytes, i);
        low := (h & 4294967295) * 435;
        high := ((h >> 32) & 4294967295) * 435 + (low >> 32) + ((h & 16777215) << 8);
        h := ((high & 4294967295) << 32) | (low & 4294967295);
    END LOOP;
    RETURN h;
END $$;
CREATE FUNCTION pg_sparkctl.reversed(bytes bytea) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    turned bytea := bytes;
BEGIN
    FOR i IN 0..length(bytes) - 1 LOOP
        turned := set_byte(turned, i, get_byte(bytes, length(bytes) - 1 - i));
    END LOOP;
    RETURN turned;
END $$;
DO $do$
DECLARE
    kind record;
BEGIN
    FOR kind IN SELECT * FROM (VALUES
        ('int2', 'pg_sparkctl.reversed(int2send(v))'), ('int4', 'pg_sparkctl.reversed(int4send(v))'),
        ('int8', 'pg_sparkctl.reversed(int8send(v))'), ('float4', 'pg_sparkctl.reversed(float4send(v))'),
        ('float8', 'pg_sparkctl.reversed(float8send(v))'), ('bool', 'boolsend(v)'),
        ('date', 'pg_sparkctl.reversed(date_send(v))'), ('timestamp', 'pg_sparkctl.reversed(timestamp_send(v))'),
        ('text', 'convert_to(v, ''UTF8'')'), ('bytea', 'v')) AS k(type, bytes)
    LOOP
        EXECUTE format('CREATE OR REPLACE FUNCTION pg_catalog.fnv_hash(v %s, seed int8) RETURNS int8 LANGUAGE sql IMMUTABLE '
                       'PARALLEL SAFE AS $f$ SELECT pg_sparkctl.fnv_bytes(%s, seed) $f$', kind.type, kind.bytes);
        EXECUTE format('CREATE OR REPLACE FUNCTION pg_catalog.fnv_hash(v %s) RETURNS int8 LANGUAGE sql IMMUTABLE '
                       'PARALLEL SAFE AS $f$ SELECT pg_sparkctl.fnv_bytes(%s, -3750763034362895579) $f$',
                       kind.type, kind.bytes);
    END LOOP;
END $do$;

-- VARBYTE. The types are for parameters and variables; columns and casts are bytea at once.
CREATE DOMAIN pg_catalog.varbyte AS bytea;
CREATE DOMAIN pg_catalog.varbinary AS bytea;
CREATE FUNCTION pg_catalog.to_varbyte(s text, format text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN lower(format) IN ('utf8', 'utf-8') THEN convert_to(s, 'UTF8') ELSE decode(s, lower(format)) END
$$;
CREATE FUNCTION pg_catalog.from_varbyte(b bytea, format text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN lower(format) IN ('utf8', 'utf-8') THEN convert_from(b, 'UTF8') ELSE encode(b, lower(format)) END
$$;
CREATE FUNCTION pg_catalog.from_hex(s text) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT decode(s, 'hex')
$$;
CREATE FUNCTION pg_catalog.to_hex(b bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT encode(b, 'hex')
$$;
