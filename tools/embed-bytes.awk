# Prints each file as the C array `static const unsigned char PREFIX<n>[]`, ended by a zero byte. Reads what
# `od -An -v -tu1` prints, with a line "@" before each file.
$1 == "@" {
	if (n > 0)
		print "0 };"
	printf "static const unsigned char %s%d[] = {\n", prefix, n++
	next
}
{
	for (i = 1; i <= NF; i++)
		printf "%s,", $i
	print ""
}
END {
	if (n > 0)
		print "0 };"
}
