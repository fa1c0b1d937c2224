/* SPDX-License-Identifier: MIT */
#include "keyring/scan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/keyring.h"
#include "keyring/source.h"
#include "util/buf.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

#define SCAN_SECONDS 30

const char *const keyring_known_names[KEYRING_KNOWN_FILES] = {
	"~/.ssh/known_hosts",
	"/etc/ssh/ssh_known_hosts",
};

static int bad_host(const char *text, struct error *err)
{
	return error_set(err, ERROR_USAGE, "\"%s\" is no HOST or HOST:PORT",
			 text_printable_text(text).text);
}

/* What may stand in a name or address; what begins with "-" would be an option of ssh-keyscan. */
static bool is_host_name(struct span name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-_:%";

	if (name.len == 0 || name.len > KEYRING_HOST_MAX || name.data[0] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		if (!name.data[i] || !strchr(letters, name.data[i]))
			return false;
	}
	return true;
}

static bool parse_port(struct span text, unsigned *ret_port)
{
	unsigned port = 0;

	if (text.len == 0 || text.len > 5)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		port = port * 10 + (text.data[i] - (unsigned)'0');
	}
	*ret_port = port;
	return port > 0 && port <= 65535;
}

/* Where the name ends and where ":PORT" begins; a bare IPv6 address has no port. */
static bool split_host(struct span text, struct span *ret_name, struct span *ret_port)
{
	const uint8_t *end = NULL;

	*ret_port = SPAN_INIT;
	if (span_starts_with(text, "[")) {
		end = memchr(text.data, ']', text.len);
		if (!end)
			return false;
		*ret_name = span_slice(text, 1, (size_t)(end - text.data) - 1);
		text = span_slice(text, (size_t)(end - text.data) + 1, text.len);
		if (text.len > 0 && text.data[0] != ':')
			return false;
		*ret_port = span_slice(text, 1, text.len);
		return text.len != 1;
	}
	*ret_name = text;
	end = text.len ? memchr(text.data, ':', text.len) : NULL;
	if (!end || memrchr(text.data, ':', text.len) != end)
		return true;
	*ret_name = span_slice(text, 0, (size_t)(end - text.data));
	*ret_port = span_slice(text, ret_name->len + 1, text.len);
	return ret_port->len > 0;
}

int keyring_host_parse(const char *text, struct keyring_host *ret_host, struct error *err)
{
	struct keyring_host host = { .port = 22 };
	struct span name, port;

	/* it would be seen in the list of processes */
	if (keyring_has_private_key(span_of_text(text)))
		return error_set(err, ERROR_USAGE, "a private key is given as a host");
	if (!split_host(span_of_text(text), &name, &port) || !is_host_name(name) ||
	    (port.len > 0 && !parse_port(port, &host.port)))
		return bad_host(text, err);
	memcpy(host.name, name.data, name.len);
	host.name[name.len] = '\0';
	*ret_host = host;
	return 0;
}

int keyring_scan(const struct keyring_host *host, struct secret *ret_output, struct error *err)
{
	AUTO(secret) output = SECRET_INIT;
	char port[16];
	const char *const argv[] = {
		"ssh-keyscan", "-T", "10", "-p", port, "--", host->name, NULL
	};
	/* where keys are, and keys themselves, are none of its business */
	static const char *const environment[] = { "SOPS_AGE_KEY",
						   "SOPS_AGE_KEY_FILE",
						   "SOPS_AGE_KEY_CMD",
						   "SOPS_AGE_SSH_PRIVATE_KEY_FILE",
						   "SOPS_AGE_SSH_PRIVATE_KEY_CMD",
						   NULL };
	const struct child_command command = { .argv = argv,
					       .environment = environment,
					       .quiet = true,
					       .timeout_seconds = SCAN_SECONDS };
	int status;

	snprintf(port, sizeof port, "%u", host->port);
	if (child_run(&command, KEYRING_SOURCE_MAX, &output, &status, err)) {
		error_wrap(err, "cannot ask \"%s\" for its key", host->name);
		return error_hint(err, "ssh-keyscan is part of OpenSSH's client; or fetch "
				       "/etc/ssh/ssh_host_ed25519_key.pub and give it with --from");
	}
	/* it ends with 0 or 1 when nobody answers, as its version has it */
	if (output.len == 0) {
		error_set(err, ERROR_NOT_FOUND, "\"%s\", port %u, showed no key", host->name,
			  host->port);
		return error_hint(err, "run \"ssh-keyscan -p %u %s\" to see why", host->port,
				  host->name);
	}
	*ret_output = secret_move(&output);
	return 0;
}

static int read_if_there(const char *path, struct secret *ret_text, struct error *err)
{
	struct error reading = ERROR_INIT;

	if (file_read(AT_FDCWD, path, KEYRING_SOURCE_MAX, ret_text, &reading) == 0 ||
	    reading.kind == ERROR_NO_FILE)
		return 0;
	*err = reading;
	return -1;
}

int keyring_read_known(struct secret ret_texts[KEYRING_KNOWN_FILES], struct error *err)
{
	AUTO(buf) path = BUF_INIT;
	AUTO(secret) first = SECRET_INIT;
	const char *home = getenv("HOME"), *text;

	if (home && *home) {
		if (buf_printf(&path, err, "%s/.ssh/known_hosts", home) ||
		    buf_text(&path, &text, err) || read_if_there(text, &first, err))
			return -1;
	}
	if (read_if_there(keyring_known_names[1], &ret_texts[1], err))
		return -1;
	ret_texts[0] = secret_move(&first);
	return 0;
}
