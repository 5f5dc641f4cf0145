import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Timer;
import java.util.TimerTask;

/** What programs do with PostgreSQL's JDBC driver besides statements: metadata, prepared statements until they are binary, batches,
 * results in portions, transactions, cancelling. */
public class Pgjdbc {
	private static int failed;

	private static void same(String what, Object got, Object wanted) {
		if (String.valueOf(got).equals(String.valueOf(wanted))) {
			System.out.println("holds   " + what);
			return;
		}
		failed++;
		System.out.println("FAILS   " + what + "\n    got    " + got + "\n    wanted " + wanted);
	}

	private static List<String> column(ResultSet r, String... names) throws SQLException {
		List<String> out = new ArrayList<>();
		while (r.next()) {
			List<String> values = new ArrayList<>();
			for (String name : names)
				values.add(r.getString(name));
			out.add(String.join(" ", values));
		}
		r.close();
		return out;
	}

	private static void metadata(Connection c) throws SQLException {
		try (Statement s = c.createStatement()) {
			s.execute("create table plays (id bigint primary key, song varchar(40) not null, at timestamp sortkey, price numeric(8,2))");
			s.execute("create view cheap as select * from plays where price < 1");
		}
		DatabaseMetaData m = c.getMetaData();
		same("the server's version", m.getDatabaseProductVersion(), "8.0.2");
		same("getTables", column(m.getTables(null, "public", "%", new String[] { "TABLE", "VIEW" }), "TABLE_NAME", "TABLE_TYPE"),
		     "[plays TABLE, cheap VIEW]");
		same("getColumns", column(m.getColumns(null, "public", "plays", null), "COLUMN_NAME", "TYPE_NAME", "COLUMN_SIZE", "IS_NULLABLE"),
		     "[id int8 19 NO, song varchar 40 NO, at timestamp 29 YES, price numeric 8 YES]");
		same("getPrimaryKeys can be asked", column(m.getPrimaryKeys(null, "public", "plays"), "COLUMN_NAME").size() <= 1, true);
		same("getSchemas", column(m.getSchemas(), "TABLE_SCHEM").contains("public"), true);
		same("getImportedKeys", column(m.getImportedKeys(null, "public", "plays"), "FKCOLUMN_NAME"), "[]");
		m.getProcedures(null, null, "%").close();
		m.getTypeInfo().close();
	}

	private static void prepared(Connection c) throws SQLException {
		try (PreparedStatement p = c.prepareStatement("insert into plays values (?, ?, ?, ?)")) {
			for (int i = 1; i <= 500; i++) {
				p.setLong(1, i);
				p.setString(2, "it's \\ " + i);
				p.setTimestamp(3, Timestamp.valueOf("2018-11-01 12:00:00"));
				p.setBigDecimal(4, new java.math.BigDecimal("0.99"));
				p.addBatch();
			}
			int sum = 0;
			for (int n : p.executeBatch())
				sum += n;
			same("a batch of 500 rows", sum, 500);
		}
		// After five times the driver names the statement and asks for binary values.
		try (PreparedStatement p = c.prepareStatement("select id, song, at, price from plays where id = ?")) {
			String got = "";
			for (long i = 1; i <= 12; i++) {
				p.setLong(1, i);
				ResultSet r = p.executeQuery();
				r.next();
				got = r.getLong(1) + " " + r.getString(2) + " " + r.getTimestamp(3) + " " + r.getBigDecimal(4);
			}
			same("a prepared statement, twelve times", got, "12 it's \\ 12 2018-11-01 12:00:00.0 0.99");
		}
		try (PreparedStatement p = c.prepareStatement("select dateadd(day, ?, date '2018-11-30') as d, nvl(?, 'none') as n")) {
			p.setInt(1, 1);
			p.setString(2, null);
			ResultSet r = p.executeQuery();
			r.next();
			same("Redshift's functions with parameters", r.getString("d").substring(0, 10) + " " + r.getString("n"), "2018-12-01 none");
		}
	}

	private static void portions(Connection c) throws SQLException {
		c.setAutoCommit(false);
		try (Statement s = c.createStatement()) {
			s.setFetchSize(100);
			ResultSet r = s.executeQuery("select id from plays order by id");
			long sum = 0, n = 0;
			while (r.next()) {
				sum += r.getLong(1);
				n++;
			}
			same("rows in portions of a hundred", n + " " + sum, "500 125250");
			s.execute("delete from plays");
			c.rollback();
		}
		c.setAutoCommit(true);
	}

	private static void errors(Connection c) throws SQLException {
		try (Statement s = c.createStatement()) {
			s.execute("select * from plays where nope = 1");
			same("an unknown column is refused", false, true);
		} catch (SQLException e) {
			same("an unknown column", e.getSQLState(), "42703");
		}
		final Statement s = c.createStatement();
		Timer timer = new Timer(true);
		timer.schedule(new TimerTask() {
			public void run() {
				try {
					s.cancel();
				} catch (SQLException e) {
					System.out.println(e);
				}
			}
		}, 300);
		try {
			s.execute("select pg_sleep(60)");
			same("a statement is cancelled", false, true);
		} catch (SQLException e) {
			same("a statement is cancelled", e.getSQLState(), "57014");
		}
		ResultSet r = s.executeQuery("select count(*) from plays");
		r.next();
		same("the session goes on", r.getLong(1), 500);
		s.execute("select 1; select 2");
		same("several statements in one", s.getMoreResults(), true);
		s.close();
	}

	public static void main(String[] args) throws Exception {
		Properties p = new Properties();
		p.setProperty("user", System.getenv("PGUSER"));
		p.setProperty("password", System.getenv("PGPASSWORD"));
		for (String more : args) {
			try (Connection c = DriverManager.getConnection(System.getenv("URL") + more, p)) {
				System.out.println("-- " + (more.contains("verify-full") ? "over TLS" : "plain"));
				metadata(c);
				prepared(c);
				portions(c);
				errors(c);
				try (Statement s = c.createStatement()) {
					s.execute("drop view cheap; drop table plays");
				}
			}
		}
		System.exit(failed == 0 ? 0 : 1);
	}
}
