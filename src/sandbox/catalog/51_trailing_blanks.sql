-- Blanks at the end do not count when texts are compared, grouped, joined or sorted. The server knows that of CHAR: its
-- functions read a VARCHAR and a TEXT as well, and take their places behind the operators and in the classes of operators
-- that sorting and hashing go by. Only PostgreSQL's own functions are named, by which a comparison costs what it did.
UPDATE pg_catalog.pg_operator o SET oprcode = k.function
  FROM (VALUES ('=', 'bpchareq'::regproc), ('<>', 'bpcharne'), ('<', 'bpcharlt'), ('<=', 'bpcharle'), ('>', 'bpchargt'),
               ('>=', 'bpcharge')) AS k (sign, function)
 WHERE o.oprname = k.sign AND o.oprleft = 'text'::regtype AND o.oprright = 'text'::regtype AND o.oprcode <> k.function;
UPDATE pg_catalog.pg_amproc p SET amproc = k.function
  FROM (VALUES ('btree', 1, 'bpcharcmp'::regproc), ('btree', 2, 'bpchar_sortsupport'), ('hash', 1, 'hashbpchar'),
               ('hash', 2, 'hashbpcharextended')) AS k (method, number, function),
       pg_catalog.pg_opfamily f, pg_catalog.pg_am m
 WHERE f.oid = p.amprocfamily AND f.opfname = 'text_ops' AND m.oid = f.opfmethod AND m.amname = k.method
   AND p.amproclefttype = 'text'::regtype AND p.amprocrighttype = 'text'::regtype AND p.amprocnum = k.number
   AND p.amproc <> k.function;
-- Texts that are equal are not the same bytes any more, so an index may not keep one for all.
DELETE FROM pg_catalog.pg_amproc p USING pg_catalog.pg_opfamily f, pg_catalog.pg_am m
 WHERE f.oid = p.amprocfamily AND f.opfname = 'text_ops' AND m.oid = f.opfmethod AND m.amname = 'btree'
   AND p.amproclefttype = 'text'::regtype AND p.amprocrighttype = 'text'::regtype AND p.amprocnum = 4;
