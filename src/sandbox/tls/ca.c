#include "spark/sandbox/ca.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "sandbox/tls/names.h"
#include "spark/base/file.h"
#include "spark/base/mem.h"

#define DAY         (24L * 3600)
#define CA_DAYS     3650
#define SERVER_DAYS 397
#define CA_NAME     "sparkctl sandbox CA"
#define PEM_MAX     ((size_t)65536)
#define ADDRESSES   "permitted;IP:0.0.0.0/0.0.0.0,permitted;IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0"

struct ca {
	char *cert_path, *key_path;
	X509 *cert;
	EVP_PKEY *key;
};

static int tls_failure(struct err *err, const char *what)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return err_set(err, ERR_BUG, "cannot %s: %s", what, why ? why : "no reason given");
}

static int add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *extension;
	X509V3_CTX context;
	int good;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	good = extension && X509_add_ext(cert, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return good ? 0 : -1;
}

/* Serial number, times, name and key: what all certificates have. */
static X509 *new_certificate(const char *common_name, EVP_PKEY *key, long days)
{
	X509 *cert = X509_new();
	X509_NAME *name = cert ? X509_get_subject_name(cert) : NULL;
	unsigned char serial[16];
	BIGNUM *number = NULL;

	if (!cert || RAND_bytes(serial, sizeof(serial)) != 1)
		goto fail;
	serial[0] &= 0x7f;
	number = BN_bin2bn(serial, sizeof(serial), NULL);
	if (!number || !BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) || X509_set_version(cert, 2) != 1 ||
	    !X509_gmtime_adj(X509_getm_notBefore(cert), -DAY) ||
	    !X509_gmtime_adj(X509_getm_notAfter(cert), days * DAY) ||
	    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)"sparkctl", -1, -1, 0) != 1 ||
	    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0) != 1 ||
	    X509_set_pubkey(cert, key) != 1)
		goto fail;
	BN_free(number);
	return cert;
fail:
	BN_free(number);
	X509_free(cert);
	return NULL;
}

static int add_bio(BIO *bio, struct buf *out)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);

	if (len <= 0)
		return -1;
	buf_add(out, data, (size_t)len);
	return 0;
}

/* What lay in the BIO may be a key. */
static void free_wiped(BIO *bio)
{
	char *data = NULL;
	long len = bio ? BIO_get_mem_data(bio, &data) : 0;

	if (len > 0)
		explicit_bzero(data, (size_t)len);
	BIO_free(bio);
}

static int print_cert(X509 *cert, struct buf *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int rc = bio && PEM_write_bio_X509(bio, cert) == 1 ? add_bio(bio, out) : -1;

	BIO_free(bio);
	return rc;
}

static int print_key(EVP_PKEY *key, struct buf *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int rc = -1;

	/* Room at once: growing would leave copies of the key in freed memory. */
	if (buf_reserve(out, 4096))
		buf_commit(out, 0);
	if (bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
		rc = add_bio(bio, out);
	free_wiped(bio);
	return rc;
}

/* The key first: a certificate without its key is what open_files() makes anew. */
static int save(struct ca *ca, struct err *err)
{
	struct buf cert, key;
	int rc = -1;

	buf_init(&cert, PEM_MAX);
	buf_init(&key, PEM_MAX);
	if (print_key(ca->key, &key) || print_cert(ca->cert, &cert))
		tls_failure(err, "write the sandbox's certificate");
	else if (!buf_check(&key, "the CA's key", err) && !buf_check(&cert, "the CA", err) &&
		 !file_write_atomic(ca->key_path, key.data, key.len, 0600, err))
		rc = file_write_atomic(ca->cert_path, cert.data, cert.len, 0644, err);
	buf_wipe(&key);
	buf_clear(&cert);
	return rc;
}

/* Does its certificate permit that DNS name, itself or by a name above it? */
static bool permits(const struct ca *ca, const char *name)
{
	NAME_CONSTRAINTS *list = X509_get_ext_d2i(ca->cert, NID_name_constraints, NULL, NULL);
	bool found = false;

	for (int i = 0; list && i < sk_GENERAL_SUBTREE_num(list->permittedSubtrees) && !found; i++) {
		const GENERAL_NAME *base = sk_GENERAL_SUBTREE_value(list->permittedSubtrees, i)->base;
		size_t len = strlen(name), have;

		if (base->type != GEN_DNS)
			continue;
		have = (size_t)ASN1_STRING_length(base->d.dNSName);
		found = have <= len &&
			strncasecmp(name + len - have, (const char *)ASN1_STRING_get0_data(base->d.dNSName), have) ==
				0 &&
			(have == len || name[len - have - 1] == '.');
	}
	NAME_CONSTRAINTS_free(list);
	return found;
}

/* The constraints as OpenSSL's configuration has them: addresses, this machine, what was permitted, what is wanted. */
static int write_constraints(const struct ca *ca, const char *const *names, size_t count, struct buf *out,
			     struct err *err)
{
	NAME_CONSTRAINTS *list = ca->cert ? X509_get_ext_d2i(ca->cert, NID_name_constraints, NULL, NULL) : NULL;

	buf_puts(out, "critical," ADDRESSES ",permitted;DNS:localhost");
	for (int i = 0; list && i < sk_GENERAL_SUBTREE_num(list->permittedSubtrees); i++) {
		const GENERAL_NAME *base = sk_GENERAL_SUBTREE_value(list->permittedSubtrees, i)->base;

		if (base->type == GEN_DNS && !(ASN1_STRING_length(base->d.dNSName) == 9 &&
					       memcmp(ASN1_STRING_get0_data(base->d.dNSName), "localhost", 9) == 0))
			buf_printf(out, ",permitted;DNS:%.*s", ASN1_STRING_length(base->d.dNSName),
				   (const char *)ASN1_STRING_get0_data(base->d.dNSName));
	}
	NAME_CONSTRAINTS_free(list);
	for (size_t i = 0; i < count; i++)
		if (!tls_names_is_address(names[i]) && !(ca->cert && permits(ca, names[i])))
			buf_printf(out, ",permitted;DNS:%s", names[i]);
	return buf_check(out, "the names of the certificate authority", err);
}

/* A certificate for the CA's key. */
static int certify(struct ca *ca, const char *const *names, size_t count, struct err *err)
{
	X509 *cert = NULL;
	struct buf list;
	int rc = -1;

	buf_init(&list, 65536);
	if (write_constraints(ca, names, count, &list, err))
		goto out;
	cert = new_certificate(CA_NAME, ca->key, CA_DAYS);
	if (!cert || X509_set_issuer_name(cert, X509_get_subject_name(cert)) != 1 ||
	    add_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
	    add_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign") ||
	    add_extension(cert, cert, NID_subject_key_identifier, "hash") ||
	    add_extension(cert, cert, NID_name_constraints, list.data) || !X509_sign(cert, ca->key, EVP_sha256())) {
		tls_failure(err, "make the sandbox's certificate authority");
		goto out;
	}
	X509_free(ca->cert);
	ca->cert = cert;
	cert = NULL;
	rc = save(ca, err);
out:
	X509_free(cert);
	buf_clear(&list);
	return rc;
}

static int make(struct ca *ca, struct err *err)
{
	X509_free(ca->cert);
	EVP_PKEY_free(ca->key);
	ca->cert = NULL;
	ca->key = EVP_EC_gen("P-256");
	return ca->key ? certify(ca, NULL, 0, err)
		       : tls_failure(err, "make the key of the sandbox's certificate authority");
}

int ca_permit(struct ca *ca, const char *const *names, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (!tls_names_is_address(names[i]) && !permits(ca, names[i]))
			return certify(ca, names, count, err);
	return 0;
}

static int damaged(const struct ca *ca, struct err *err)
{
	ERR_clear_error();
	err_set(err, ERR_CONFIG, "'%s' or its key is damaged", ca->cert_path);
	return err_hint(err, "remove it and '%s': the next start makes new ones", ca->key_path);
}

static int load(struct ca *ca, struct err *err)
{
	struct buf cert, key;
	BIO *cert_bio = NULL, *key_bio = NULL;
	int rc = -1;

	buf_init(&cert, PEM_MAX);
	buf_init(&key, PEM_MAX);
	if (file_read(ca->cert_path, &cert, err) || file_read(ca->key_path, &key, err))
		goto out;
	cert_bio = BIO_new_mem_buf(cert.data, (int)cert.len);
	key_bio = BIO_new_mem_buf(key.data, (int)key.len);
	if (!cert_bio || !key_bio) {
		err_nomem(err);
		goto out;
	}
	ca->cert = PEM_read_bio_X509(cert_bio, NULL, NULL, NULL);
	ca->key = PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL);
	if (!ca->cert || !ca->key || X509_check_private_key(ca->cert, ca->key) != 1) {
		damaged(ca, err);
		goto out;
	}
	rc = 0;
out:
	BIO_free(key_bio);
	BIO_free(cert_bio);
	buf_wipe(&key);
	buf_clear(&cert);
	return rc;
}

int ca_open(const char *dir, struct ca **out, struct err *err)
{
	struct ca *ca = mem_alloc(sizeof(*ca));
	int rc = -1;

	if (!ca)
		return err_nomem(err);
	ca->cert_path = file_join(dir, "ca.pem");
	ca->key_path = file_join(dir, "ca-key.pem");
	if (!ca->cert_path || !ca->key_path) {
		err_nomem(err);
		goto out;
	}
	if (file_exists(ca->cert_path) && file_exists(ca->key_path)) {
		if (load(ca, err))
			goto out;
		/* What it signs has to end before it does. */
		if (X509_cmp_time(X509_get0_notAfter(ca->cert), &(time_t){ time(NULL) + SERVER_DAYS * DAY }) < 0)
			rc = make(ca, err);
		else
			rc = 0;
	} else {
		rc = make(ca, err);
	}
out:
	if (rc)
		ca_close(ca);
	else
		*out = ca;
	return rc;
}

void ca_close(struct ca *ca)
{
	if (!ca)
		return;
	X509_free(ca->cert);
	EVP_PKEY_free(ca->key);
	mem_free(ca->cert_path);
	mem_free(ca->key_path);
	mem_free(ca);
}

const char *ca_path(const struct ca *ca)
{
	return ca->cert_path;
}

int ca_issue(struct ca *ca, const char *const *names, size_t count, struct buf *cert_pem, struct buf *key_pem,
	     struct err *err)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = NULL;
	struct buf list;
	int rc = -1;

	buf_init(&list, 65536);
	for (size_t i = 0; i < count; i++)
		buf_printf(&list, "%s%s:%s", i ? "," : "", tls_names_is_address(names[i]) ? "IP" : "DNS", names[i]);
	if (buf_check(&list, "the names of a certificate", err))
		goto out;
	if (key && count)
		cert = new_certificate(names[0], key, SERVER_DAYS);
	if (!cert || X509_set_issuer_name(cert, X509_get_subject_name(ca->cert)) != 1 ||
	    add_extension(cert, ca->cert, NID_basic_constraints, "critical,CA:FALSE") ||
	    add_extension(cert, ca->cert, NID_key_usage, "critical,digitalSignature") ||
	    add_extension(cert, ca->cert, NID_ext_key_usage, "serverAuth") ||
	    add_extension(cert, ca->cert, NID_subject_key_identifier, "hash") ||
	    add_extension(cert, ca->cert, NID_authority_key_identifier, "keyid:always") ||
	    add_extension(cert, ca->cert, NID_subject_alt_name, list.data) || !X509_sign(cert, ca->key, EVP_sha256()) ||
	    print_cert(cert, cert_pem) || print_key(key, key_pem)) {
		tls_failure(err, "make a certificate");
		goto out;
	}
	rc = buf_check(cert_pem, "a certificate", err) || buf_check(key_pem, "a key", err) ? -1 : 0;
out:
	X509_free(cert);
	EVP_PKEY_free(key);
	buf_clear(&list);
	return rc;
}
