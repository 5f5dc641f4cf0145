create table t (a int, b super); select * exclude (a) from t; select 1 as c, c + 1 from t x qualify rank() over (order by c) = 1; select * exclude (q) from nothing; drop table t
