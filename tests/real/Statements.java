import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Properties;

/**
 * Statements through PostgreSQL's JDBC driver: one in base 64 on each line of standard input. Each is answered by its rows, "R"
 * and the values in base 64 ("-" for null), then "K", or "E", the SQLSTATE and the message. The environment tells where: URL,
 * PGUSER, PGPASSWORD.
 */
public class Statements {
	private static String encode(String text) {
		return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
	}

	private static void run(Connection c, String sql, StringBuilder out) throws SQLException {
		try (Statement s = c.createStatement()) {
			List<String> rows = new ArrayList<>();
			boolean isRows = s.execute(sql);
			// Of several statements the last one's answer counts.
			while (isRows || s.getUpdateCount() != -1) {
				rows.clear();
				if (isRows) {
					ResultSet r = s.getResultSet();
					int columns = r.getMetaData().getColumnCount();
					while (r.next()) {
						List<String> values = new ArrayList<>();
						for (int i = 1; i <= columns; i++) {
							String value = r.getString(i);
							values.add(value == null ? "-" : encode(value));
						}
						rows.add("R " + String.join(",", values));
					}
				}
				isRows = s.getMoreResults();
			}
			for (String row : rows)
				out.append(row).append('\n');
		}
	}

	public static void main(String[] args) throws Exception {
		Properties p = new Properties();
		p.setProperty("user", System.getenv("PGUSER"));
		p.setProperty("password", System.getenv("PGPASSWORD"));
		BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		try (Connection c = DriverManager.getConnection(System.getenv("URL"), p)) {
			String line;
			while ((line = in.readLine()) != null) {
				StringBuilder out = new StringBuilder();
				try {
					run(c, new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8), out);
					out.append("K\n");
				} catch (SQLException e) {
					out.setLength(0);
					out.append("E ").append(e.getSQLState() == null ? "-" : e.getSQLState()).append(' ')
						.append(encode(String.valueOf(e.getMessage()))).append('\n');
				}
				System.out.print(out);
				System.out.flush();
			}
		}
	}
}
