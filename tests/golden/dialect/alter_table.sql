alter table t alter diststyle all; alter table t alter distkey a; alter table t alter compound sortkey (a, b);
alter table s.t add constraint pk primary key (a); alter table t add primary key (a); alter table t alter column c encode lzo;
alter table t add column d varchar encode zstd default 'x'; alter table t alter column c type varchar(300);
alter table t rename to u; alter table t drop column c; alter table t owner to x;
-- %
alter table t append from s
