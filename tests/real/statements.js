// Statements through node's `pg`: one in base 64 on each line of standard input. Each is answered by its rows, "R" and the
// values in base 64 ("-" for null), then "K", or "E", the SQLSTATE and the message. Connects by PGHOST and its like; CA names
// what the server's certificate is checked with. With "prepared" as argument the statements go by the extended protocol.
const fs = require("fs");
const readline = require("readline");
const { Client } = require("pg");

const b64 = (text) => Buffer.from(text, "utf8").toString("base64");

async function main() {
  const client = new Client({
    ssl: { ca: fs.readFileSync(process.env.CA), servername: "localhost" },
    types: { getTypeParser: () => (value) => value },
  });
  client.on("error", (e) => console.log("E " + (e.code || "-") + " " + b64(e.message)));
  await client.connect();
  if (!client.connection.stream.encrypted) throw new Error("the connection is not encrypted");
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const text = Buffer.from(line, "base64").toString("utf8");
    try {
      let result = await client.query({ text, rowMode: "array", ...(process.argv[2] === "prepared" ? { values: [] } : {}) });
      if (Array.isArray(result)) result = result[result.length - 1];
      for (const row of result.rows) console.log("R " + row.map((v) => (v === null ? "-" : b64(v))).join(","));
      console.log("K");
    } catch (e) {
      console.log("E " + (e.code || "-") + " " + b64(e.message));
    }
  }
  await client.end();
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
