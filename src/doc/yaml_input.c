/* SPDX-License-Identifier: MIT */
#include "yaml_input.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void yaml_inserts_release(struct yaml_inserts *inserts)
{
	free(inserts->items);
	secret_release(&inserts->text);
	*inserts = YAML_INSERTS_INIT;
}

void yaml_inserts_add(struct yaml_inserts *inserts, size_t at)
{
	const struct yaml_insert *last =
		inserts->len > 0 ? &inserts->items[inserts->len - 1] : NULL;
	const size_t offset = last ? last->offset + last->len : 0;

	inserts->items[inserts->len++] =
		(struct yaml_insert){ at, at + offset, offset, inserts->text.len - offset };
}

const struct yaml_insert *yaml_inserts_find(const struct yaml_inserts *inserts, size_t shown)
{
	size_t low = 0, high = inserts->len;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (inserts->items[middle].shown <= shown)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? &inserts->items[low - 1] : NULL;
}

/* The end of what may be left out of "ENC[…]" from at on: up to the bracket; at: nothing. */
static size_t cut_end(struct span text, size_t at)
{
	size_t end = at;

	while (end < text.len &&
	       (isalnum(text.data[end]) ||
		(text.data[end] >= '+' && text.data[end] <= '/' && text.data[end] != '.' &&
		 text.data[end] != '-') ||
		text.data[end] == '=' || text.data[end] == '_' || text.data[end] == ':'))
		end++;
	return end < text.len && text.data[end] == ']' ? end : at;
}

/* Does a value or comment start at offset at? Else "ENC[" may be anything. */
static bool starts_sealed(struct span text, size_t at)
{
	const uint8_t before = at > 0 ? text.data[at - 1] : 0;

	if (before == ' ')
		return at > 1 && (text.data[at - 2] == ':' || text.data[at - 2] == '-');
	return before == '#' || before == '\'' || before == '"';
}

/* Finds the next cut from where libyaml has read to. */
static void find_cut(struct yaml_input *input)
{
	const struct span text = secret_span(&input->doc->text);
	const uint8_t *sealed;
	size_t at = input->from;

	while (at < text.len &&
	       (sealed = memmem(text.data + at, text.len - at, "ENC[", 4)) != NULL) {
		const bool starts = starts_sealed(text, (size_t)(sealed - text.data));

		at = (size_t)(sealed - text.data) + 4;
		input->cut_from = at;
		input->cut_to = starts ? cut_end(text, at) : at;
		if (input->cut_to > at)
			return;
	}
	input->cut_from = input->cut_to = SIZE_MAX;
}

/* Leaves out what stands between cut_from and cut_to. */
static bool make_cut(struct yaml_input *input)
{
	const uint32_t before = input->cuts_len > 0 ? input->cuts[input->cuts_len - 1].left_out : 0;

	if (input->cuts_len == input->cuts_cap) {
		const size_t cap = input->cuts_cap * 2 + 64;
		struct yaml_cut *cuts =
			realloc(input->cuts, cap * sizeof(*cuts)); /* offsets only */

		if (cuts == NULL) {
			input->no_memory = true;
			return false;
		}
		input->cuts = cuts;
		input->cuts_cap = cap;
	}
	input->cuts[input->cuts_len++] =
		(struct yaml_cut){ (uint32_t)input->shown,
				   before + (uint32_t)(input->cut_to - input->cut_from) };
	input->from = input->cut_to;
	find_cut(input);
	return true;
}

/* The next piece of the text, at most size bytes; len 0 at its end. */
static struct span next_piece(struct yaml_input *input, size_t size)
{
	struct span piece = span_slice(secret_span(&input->doc->text), input->from, size);
	const struct yaml_insert *insert = input->next_insert < input->inserts.len
						   ? &input->inserts.items[input->next_insert]
						   : NULL;

	if (insert && input->from == insert->at) {
		piece = span_slice(secret_span(&input->inserts.text),
				   insert->offset + input->inserted, size);
		if (piece.len > insert->len - input->inserted)
			piece.len = insert->len - input->inserted;
		input->inserted += piece.len;
		if (input->inserted == insert->len) {
			input->next_insert++;
			input->inserted = 0;
		}
		return piece;
	}
	if (insert && piece.len > insert->at - input->from)
		piece.len = insert->at - input->from;
	if (input->condense && piece.len > input->cut_from - input->from)
		piece.len = input->cut_from - input->from;
	input->from += piece.len;
	return piece;
}

void yaml_input_begin(struct yaml_input *input, const struct doc *doc,
		      const struct yaml_inserts *inserts, bool condense)
{
	const struct yaml_details *details = yaml_details(doc);

	*input = (struct yaml_input){ .doc = doc,
				      .from = details->begin,
				      .inserts = *inserts,
				      .condense = condense && details->ascii,
				      .byte = details->begin };
	if (input->condense)
		find_cut(input);
}

void yaml_input_release(struct yaml_input *input)
{
	free(input->cuts);
	input->cuts = NULL;
}

bool yaml_input_read(struct yaml_input *input, uint8_t *buffer, size_t size, size_t *ret_size)
{
	struct span piece;

	*ret_size = 0;
	do {
		if (input->condense && input->from == input->cut_from && !make_cut(input))
			return false;
		piece = next_piece(input, size - *ret_size);
		if (piece.len > 0)
			memcpy(buffer + *ret_size, piece.data, piece.len);
		*ret_size += piece.len;
		input->shown += piece.len;
	} while (piece.len > 0 && *ret_size < size);
	return true;
}

/* How much was left out before the byte that was shown as number shown. */
static size_t left_out(struct yaml_input *input, size_t shown)
{
	while (input->next_cut < input->cuts_len && input->cuts[input->next_cut].shown <= shown)
		input->next_cut++;
	while (input->next_cut > 0 && input->cuts[input->next_cut - 1].shown > shown)
		input->next_cut--;
	return input->next_cut > 0 ? input->cuts[input->next_cut - 1].left_out : 0;
}

static bool is_continuation(const struct yaml_input *input, size_t byte)
{
	size_t at;

	return yaml_inserts_place(&input->inserts, byte, &at) && at < input->doc->text.len &&
	       input->doc->text.data[at] >> 6 == 2;
}

uint32_t yaml_input_find(struct yaml_input *input, size_t index)
{
	const size_t end = input->doc->text.len + input->inserts.text.len;

	if (yaml_details(input->doc)->ascii)
		return (uint32_t)(yaml_details(input->doc)->begin + index + left_out(input, index));
	for (; input->index < index && input->byte < end; input->index++)
		do {
			input->byte++;
		} while (is_continuation(input, input->byte));
	for (; input->index > index && input->byte > 0; input->index--)
		do {
			input->byte--;
		} while (is_continuation(input, input->byte));
	return (uint32_t)input->byte;
}
