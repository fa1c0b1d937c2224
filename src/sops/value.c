/* SPDX-License-Identifier: MIT */
#include "sops/value.h"

#include <assert.h>
#include <string.h>

#include "sops/base64.h"

#define PREFIX "ENC[AES256_GCM,data:"
#define IV_LABEL ",iv:"
#define TAG_LABEL ",tag:"
#define TYPE_LABEL ",type:"
/* An IV is 32 bytes when we write it, of any length that fits here when we read it. */
#define IV_MAX 256
#define TAG_TEXT_MAX ((size_t)GCM_TAG_LEN * 2) /* in base64; what it decodes to is shorter */

/* By enum doc_type; NULL for what is never sealed. */
static const char *const type_names[] = {
	[DOC_TYPE_NULL] = NULL,         [DOC_TYPE_STRING] = "str", [DOC_TYPE_INT] = "int",
	[DOC_TYPE_FLOAT] = "float",     [DOC_TYPE_BOOL] = "bool",  [DOC_TYPE_TIME] = "time",
	[DOC_TYPE_COMMENT] = "comment",
};

static bool find_type(struct span name, enum doc_type *ret_type)
{
	for (unsigned type = DOC_TYPE_STRING; type <= DOC_TYPE_COMMENT; type++)
		if (span_equal_text(name, type_names[type])) {
			*ret_type = (enum doc_type)type;
			return true;
		}
	return false;
}

bool sops_value_is_sealed(struct span text)
{
	return text.len > sizeof(PREFIX) - 1 && memcmp(text.data, PREFIX, sizeof(PREFIX) - 1) == 0;
}

/* A label and the base64 behind it, up to the comma of the next label. */
static bool take_field(struct span *text, const char *label, struct span *ret_field)
{
	const size_t label_len = strlen(label);
	const uint8_t *comma;

	if (text->len < label_len || memcmp(text->data, label, label_len) != 0)
		return false;
	*text = span_slice(*text, label_len, text->len);
	comma = text->len > 0 ? memchr(text->data, ',', text->len) : NULL;
	if (!comma || comma == text->data)
		return false;
	*ret_field = span_slice(*text, 0, (size_t)(comma - text->data));
	*text = span_slice(*text, ret_field->len, text->len);
	return true;
}

/* All but the type, whose name is given. */
static bool take_apart(struct span text, struct sops_value *ret_value, struct span *ret_type)
{
	const struct span whole = text;
	struct sops_value value = { .type = DOC_TYPE_NONE };
	const uint8_t *line_end, *bracket;

	if (!take_field(&text, PREFIX, &value.data) || !take_field(&text, IV_LABEL, &value.iv) ||
	    !take_field(&text, TAG_LABEL, &value.tag) || !span_starts_with(text, TYPE_LABEL))
		return false;
	text = span_slice(text, sizeof(TYPE_LABEL) - 1, text.len);
	line_end = text.len > 0 ? memchr(text.data, '\n', text.len) : NULL;
	if (line_end)
		text = span_slice(text, 0, (size_t)(line_end - text.data));
	bracket = text.len > 0 ? memrchr(text.data, ']', text.len) : NULL;
	if (!bracket)
		return false;
	value.text = span_slice(whole, 0, (size_t)(bracket + 1 - whole.data));
	if (memchr(value.text.data, '\n', value.text.len))
		return false;
	*ret_value = value;
	*ret_type = span_slice(text, 0, (size_t)(bracket - text.data));
	return true;
}

bool sops_value_parse(struct span text, struct sops_value *ret_value)
{
	struct sops_value value;
	struct span type;

	if (!take_apart(text, &value, &type) || !find_type(type, &value.type))
		return false;
	*ret_value = value;
	return true;
}

bool sops_value_has_other_type(struct span text, struct span *ret_name)
{
	struct sops_value value;

	return take_apart(text, &value, ret_name) && !find_type(*ret_name, &value.type);
}

int sops_cipher_init(struct sops_cipher *cipher, const struct key32 *key, struct error *err)
{
	return gcm_init(&cipher->gcm, key, err);
}

void sops_cipher_release(struct sops_cipher *cipher)
{
	gcm_release(&cipher->gcm);
	random_pool_release(&cipher->pool);
	buf_release(&cipher->bytes);
}

static char *put_text(char *dst, const char *text)
{
	const size_t len = strlen(text);

	memcpy(dst, text, len);
	return dst + len;
}

int sops_cipher_seal(struct sops_cipher *cipher, enum doc_type type, struct span plain,
		     struct span aad, struct buf *ret_text, struct error *err)
{
	uint8_t iv[SOPS_IV_LEN], tag[GCM_TAG_LEN];
	char *dst;

	assert(plain.len > 0 && type_names[type]);
	buf_clear(&cipher->bytes);
	buf_clear(ret_text);
	if (buf_grow(&cipher->bytes, plain.len, err) < 0 ||
	    buf_grow(ret_text, plain.len / 3 * 4 + 160, err) < 0)
		return -1;
	random_pool_take(&cipher->pool, iv, sizeof(iv));
	if (gcm_seal(&cipher->gcm, span_of(iv, sizeof(iv)), aad, plain, cipher->bytes.data, tag,
		     err) < 0)
		return -1;
	dst = put_text((char *)ret_text->data, PREFIX);
	dst = sops_base64_encode(span_of(cipher->bytes.data, plain.len), dst);
	dst = put_text(dst, IV_LABEL);
	dst = sops_base64_encode(span_of(iv, sizeof(iv)), dst);
	dst = put_text(dst, TAG_LABEL);
	dst = sops_base64_encode(span_of(tag, sizeof(tag)), dst);
	dst = put_text(dst, TYPE_LABEL);
	dst = put_text(dst, type_names[type]);
	*dst++ = ']';
	ret_text->len = (size_t)(dst - (char *)ret_text->data);
	return 0;
}

static int refuse(const char *what, struct error *err)
{
	return error_set(err, ERROR_FORMAT, "a sealed value's %s", what);
}

static int decode_head(const struct sops_value *value, uint8_t iv[IV_MAX], size_t *ret_iv_len,
		       uint8_t tag[TAG_TEXT_MAX], struct error *err)
{
	size_t tag_len;

	if (value->iv.len > IV_MAX || !sops_base64_decode(value->iv, iv, ret_iv_len) ||
	    *ret_iv_len == 0)
		return refuse("initialisation vector is no base64, or too long", err);
	if (value->tag.len > TAG_TEXT_MAX || !sops_base64_decode(value->tag, tag, &tag_len) ||
	    tag_len != GCM_TAG_LEN)
		return refuse("tag is no base64 of 16 bytes", err);
	return 0;
}

int sops_value_check(const struct sops_value *value, struct buf *scratch, struct error *err)
{
	uint8_t iv[IV_MAX], tag[TAG_TEXT_MAX];
	size_t len;

	if (decode_head(value, iv, &len, tag, err) < 0)
		return -1;
	buf_clear(scratch);
	if (buf_grow(scratch, value->data.len / 4 * 3 + 3, err) < 0)
		return -1;
	return sops_base64_decode(value->data, scratch->data, &len)
		       ? 0
		       : refuse("data is no base64", err);
}

int sops_cipher_open(struct sops_cipher *cipher, const struct sops_value *value, struct span aad,
		     struct secret *ret_plain, struct error *err)
{
	uint8_t iv[IV_MAX], tag[TAG_TEXT_MAX];
	size_t iv_len, len;

	if (decode_head(value, iv, &iv_len, tag, err) < 0)
		return -1;
	/* Decoded in the place where the plaintext will stand: nothing is copied. */
	if (secret_grow(ret_plain, value->data.len / 4 * 3 + 3, err) < 0)
		return -1;
	uint8_t *dst = ret_plain->data + ret_plain->len;

	if (!sops_base64_decode(value->data, dst, &len))
		return refuse("data is no base64", err);
	if (gcm_open(&cipher->gcm, span_of(iv, iv_len), aad, span_of(dst, len), tag, dst, err) < 0)
		return -1;
	ret_plain->len += len;
	return 0;
}
