/* SPDX-License-Identifier: MIT */
#include "nix_json.h"

#include <string.h>

static bool nix_json_is_null(const struct doc *doc, uint32_t node)
{
	return doc->nodes[node].kind == DOC_SCALAR && doc->nodes[node].type == DOC_TYPE_NULL;
}

static int nix_json_refuse(const struct reader *reader, uint32_t node, const char *what,
			   struct error *err)
{
	struct text_shown shown;

	return READER_ERROR(reader, node, err, "\"%s\" must be %s",
			    reader_field(reader, node, &shown), what);
}

static bool nix_json_is(const struct doc *doc, uint32_t node, enum doc_type type)
{
	return doc->nodes[node].kind == DOC_SCALAR && doc->nodes[node].type == type;
}

/* No sign, at most nine digits more than any uid has: what is larger no field takes. */
static int nix_json_number(const struct reader *reader, uint32_t node, int64_t *ret_number,
			   struct error *err)
{
	struct span text = doc_value(reader->doc, node);
	int64_t number = 0;

	if (!nix_json_is(reader->doc, node, DOC_TYPE_INT) || text.len > 18)
		return nix_json_refuse(reader, node, "a whole number", err);
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return nix_json_refuse(reader, node, "a whole number, not below 0", err);
		number = number * 10 + (text.data[i] - '0');
	}
	*ret_number = number;
	return 0;
}

static int nix_json_all(const struct reader *reader, uint32_t list, enum doc_kind kind,
			const char *what, struct error *err)
{
	if (reader->doc->nodes[list].kind != DOC_LIST)
		return nix_json_refuse(reader, list, "a list", err);
	for (uint32_t item = doc_child(reader->doc, list); item != DOC_NONE;
	     item = doc_sibling(reader->doc, item))
		if (!nix_json_is_null(reader->doc, item) &&
		    (reader->doc->nodes[item].kind != kind ||
		     (kind == DOC_SCALAR && reader->doc->nodes[item].type != DOC_TYPE_STRING)))
			return nix_json_refuse(reader, list, what, err);
	return 0;
}

/* A value that is not null. */
static int nix_json_value(const struct reader *reader, uint32_t node, enum nix_type type,
			  void *value, struct error *err)
{
	const struct doc *doc = reader->doc;
	bool good = true;

	switch (type) {
	case NIX_TEXT:
	case NIX_OPTIONAL:
		if (!nix_json_is(doc, node, DOC_TYPE_STRING))
			return nix_json_refuse(reader, node, "a text", err);
		*(struct span *)value = doc_value(doc, node);
		return 0;
	case NIX_NUMBER:
		return nix_json_number(reader, node, value, err);
	case NIX_FLAG:
		if (!nix_json_is(doc, node, DOC_TYPE_BOOL))
			return nix_json_refuse(reader, node, "true or false", err);
		*(bool *)value = span_equal_text(doc_value(doc, node), "true");
		return 0;
	case NIX_LIST:
		good = nix_json_all(reader, node, DOC_SCALAR, "a list of texts", err) == 0;
		break;
	case NIX_OBJECTS:
		good = nix_json_all(reader, node, DOC_MAP, "a list of objects", err) == 0;
		break;
	case NIX_OBJECT:
		good = doc->nodes[node].kind == DOC_MAP ||
		       nix_json_refuse(reader, node, "an object", err) == 0;
		break;
	}
	*(uint32_t *)value = node;
	return good ? 0 : -1;
}

/* As Go has it: null takes back what can be absent, and leaves texts, numbers and flags alone. */
static void nix_json_null(enum nix_type type, void *value)
{
	if (type == NIX_OPTIONAL)
		*(struct span *)value = SPAN_INIT;
	else if (type == NIX_LIST || type == NIX_OBJECT || type == NIX_OBJECTS)
		*(uint32_t *)value = DOC_NONE;
}

/* The letter that Go takes key's next one for, in lower case: it knows two of other scripts as k and s. */
static int nix_json_letter(struct span *key)
{
	static const struct {
		const char *bytes;
		char letter;
	} others[] = { { "\xe2\x84\xaa", 'k' }, { "\xc5\xbf", 's' } };
	uint8_t byte = 0;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (span_starts_with(*key, others[i].bytes)) {
			*key = span_slice(*key, strlen(others[i].bytes), key->len);
			return others[i].letter;
		}
	if (!span_take_u8(key, &byte))
		return -1;
	return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
}

static bool nix_json_is_name(const char *name, struct span key)
{
	struct span rest = span_of_text(name);

	while (rest.len > 0)
		if (nix_json_letter(&rest) != nix_json_letter(&key))
			return false;
	return key.len == 0;
}

static const struct nix_field *nix_json_find(struct span key, const struct nix_field *fields,
					     size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (nix_json_is_name(fields[i].name, key))
			return &fields[i];
	return NULL;
}

int nix_json_object(const struct reader *reader, uint32_t node, const struct nix_field *fields,
		    size_t len, void *target, struct error *err)
{
	const struct doc *doc = reader->doc;

	if (nix_json_is_null(doc, node))
		return 0;
	for (uint32_t child = doc_child(doc, node); child != DOC_NONE;
	     child = doc_sibling(doc, child)) {
		const struct nix_field *field = nix_json_find(doc_key(doc, child), fields, len);
		void *value;

		if (field == NULL)
			continue;
		value = (char *)target + field->offset;
		if (nix_json_is_null(doc, child))
			nix_json_null(field->type, value);
		else if (nix_json_value(reader, child, field->type, value, err) < 0)
			return -1;
	}
	return 0;
}

int nix_json_texts(const struct reader *reader, uint32_t list, struct names *names,
		   struct error *err)
{
	if (list == DOC_NONE)
		return 0;
	for (uint32_t item = doc_child(reader->doc, list); item != DOC_NONE;
	     item = doc_sibling(reader->doc, item)) {
		struct span text = nix_json_is_null(reader->doc, item)
					   ? SPAN_INIT
					   : doc_value(reader->doc, item);

		if (names->len == MANIFEST_LIST_MAX)
			return READER_ERROR(reader, item, err, "more than %d items",
					    MANIFEST_LIST_MAX);
		if (text.len > 0 && (memchr(text.data, 0, text.len) != NULL ||
				     memchr(text.data, '\n', text.len) != NULL))
			return nix_json_refuse(reader, list, "texts of one line each", err);
		if (names_add(names, text, err) < 0)
			return -1;
	}
	return 0;
}
