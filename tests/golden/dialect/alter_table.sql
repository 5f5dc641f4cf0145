alter table t alter diststyle all; alter table t alter distkey a; alter table t alter compound sortkey (a, b);
alter table s.t add constraint pk primary key (a); alter table t add primary key (a); alter table t alter column c encode lzo;
alter table t add column d varchar encode zstd default 'x'; alter table t alter column c type varchar(300);
alter table t rename to u; alter table t drop column c; alter table t owner to x;
-- %
alter table t append from s
-- %
alter table s.t append from u ignoreextra; alter table t append from x.u filltarget
-- %
alter table t append from u everything
-- %
alter table t alter column a encode zstd, alter column b encode raw; alter table t alter sortkey none; alter table t alter sortkey auto; alter table t alter encode auto
-- %
alter table t alter diststyle key distkey a; alter table t alter diststyle even; alter table t alter diststyle auto
-- %
alter table t alter diststyle some
-- %
alter table t add b int not null
-- %
alter table t add b int identity(0,1)
-- %
alter table t rename column a to b; alter table t drop constraint pk; alter table t drop constraint pk cascade
-- %
alter materialized view s.mv auto refresh yes; alter materialized view mv alter distkey a; alter materialized view mv rename to mw
-- %
alter materialized view mv auto refresh maybe
