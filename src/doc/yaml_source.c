/* SPDX-License-Identifier: MIT */
#include "yaml_source.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct yaml_source {
	yaml_parser_t parser;
	yaml_event_t event; /* the last one */
	struct yaml_input input;
};

static void parser_release(yaml_parser_t *parser)
{
	if (parser->raw_buffer.start != NULL)
		secret_wipe(parser->raw_buffer.start,
			    (size_t)(parser->raw_buffer.end - parser->raw_buffer.start));
	if (parser->buffer.start != NULL)
		secret_wipe(parser->buffer.start,
			    (size_t)(parser->buffer.end - parser->buffer.start));
	/* tokens that were scanned ahead */
	for (yaml_token_t *token = parser->tokens.head; token != parser->tokens.tail; token++)
		if (token->type == YAML_SCALAR_TOKEN)
			secret_wipe(token->data.scalar.value, token->data.scalar.length);
	yaml_parser_delete(parser);
}

/* Wipes the last event's text. */
static void drop_event(struct yaml_source *source)
{
	if (source->event.type == YAML_SCALAR_EVENT)
		secret_wipe(source->event.data.scalar.value, source->event.data.scalar.length);
	yaml_event_delete(&source->event);
}

void yaml_source_free(struct yaml_source *source)
{
	if (source == NULL)
		return;
	drop_event(source);
	parser_release(&source->parser);
	yaml_input_release(&source->input);
	free(source);
}

static int read_input(void *data, unsigned char *buffer, size_t size, size_t *ret_size)
{
	return yaml_input_read(data, buffer, size, ret_size);
}

int yaml_source_new(const struct doc *doc, const struct yaml_inserts *inserts, bool condense,
		    struct yaml_source **ret_source, struct error *err)
{
	struct yaml_source *source = calloc(1, sizeof(*source));

	if (source == NULL)
		return error_memory(err);
	if (!yaml_parser_initialize(&source->parser)) {
		free(source);
		return error_memory(err);
	}
	yaml_input_begin(&source->input, doc, inserts, condense);
	yaml_parser_set_encoding(&source->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input(&source->parser, read_input, &source->input);
	*ret_source = source;
	return 0;
}

bool yaml_source_has_cuts(const struct yaml_source *source)
{
	return source->input.cuts_len > 0;
}

static int fail_parser(const struct yaml_source *source, struct error *err)
{
	const yaml_parser_t *parser = &source->parser;
	const char *problem = parser->problem != NULL ? parser->problem : "this is no YAML";
	const struct doc *doc = source->input.doc;
	size_t line = parser->problem_mark.line + 1;

	/* what the input lacks memory for is to libyaml an error in reading, as a bad character is */
	if (parser->error == YAML_MEMORY_ERROR || source->input.no_memory)
		return error_memory(err);
	if (parser->error == YAML_READER_ERROR)
		return error_set(err, ERROR_FORMAT, "not valid YAML: %s", problem);
	if (line > doc_last_line(DOC_YAML, secret_span(&doc->text))) /* libyaml ends every line */
		line = doc_last_line(DOC_YAML, secret_span(&doc->text));
	return error_set(err, ERROR_FORMAT, "line %zu: %s%s%s", line,
			 parser->context != NULL ? parser->context : "",
			 parser->context != NULL ? ": " : "", problem);
}

static enum yaml_style style_of(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return YAML_STYLE_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return YAML_STYLE_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
		return YAML_STYLE_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return YAML_STYLE_FOLDED;
	case YAML_ANY_SCALAR_STYLE:
	case YAML_PLAIN_SCALAR_STYLE:
		break;
	}
	return YAML_STYLE_PLAIN;
}

/* The parts of the event that its kind has. */
static void describe_event(const yaml_event_t *event, struct yaml_event_text *text)
{
	const yaml_version_directive_t *version;

	switch (event->type) {
	case YAML_SCALAR_EVENT:
		text->kind = YAML_E_SCALAR;
		text->style = style_of(event->data.scalar.style);
		text->value = span_of(event->data.scalar.value, event->data.scalar.length);
		text->anchor = (const char *)event->data.scalar.anchor;
		text->tag = (const char *)event->data.scalar.tag;
		break;
	case YAML_ALIAS_EVENT:
		text->kind = YAML_E_ALIAS;
		text->value = span_of_text((const char *)event->data.alias.anchor);
		break;
	case YAML_MAPPING_START_EVENT:
		text->kind = YAML_E_MAP;
		text->style = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE
				      ? YAML_STYLE_FLOW
				      : YAML_STYLE_EMPTY;
		text->anchor = (const char *)event->data.mapping_start.anchor;
		text->tag = (const char *)event->data.mapping_start.tag;
		break;
	case YAML_SEQUENCE_START_EVENT:
		text->kind = YAML_E_LIST;
		text->style = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
				      ? YAML_STYLE_FLOW
				      : YAML_STYLE_EMPTY;
		text->anchor = (const char *)event->data.sequence_start.anchor;
		text->tag = (const char *)event->data.sequence_start.tag;
		break;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		text->kind = YAML_E_END;
		break;
	case YAML_DOCUMENT_END_EVENT:
		text->kind = YAML_E_DOCUMENT_END;
		break;
	case YAML_STREAM_END_EVENT:
		text->kind = YAML_E_STREAM_END;
		break;
	case YAML_DOCUMENT_START_EVENT:
		version = event->data.document_start.version_directive;
		if (version != NULL && (version->major != 1 || version->minor != 1))
			text->kind = YAML_E_BAD_VERSION;
		break;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
		break;
	}
}

int yaml_source_event(struct yaml_source *source, struct yaml_event_text *ret_event,
		      struct error *err)
{
	struct yaml_event_text text = { .kind = YAML_E_OTHER, .style = YAML_STYLE_PLAIN };
	size_t shown;

	drop_event(source);
	if (!yaml_parser_parse(&source->parser, &source->event))
		return fail_parser(source, err);
	describe_event(&source->event, &text);
	text.start = yaml_input_find(&source->input, source->event.start_mark.index);
	text.end = yaml_input_find(&source->input, source->event.end_mark.index);
	shown = source->event.end_mark.index - source->event.start_mark.index;
	text.left_out = source->input.cuts_len > 0 ? text.end - text.start - shown : 0;
	*ret_event = text;
	return 0;
}

static enum yaml_token_kind kind_of(yaml_token_type_t type)
{
	static const uint8_t kinds[] = {
		[YAML_STREAM_START_TOKEN] = YAML_T_STREAM_START,
		[YAML_STREAM_END_TOKEN] = YAML_T_STREAM_END,
		[YAML_VERSION_DIRECTIVE_TOKEN] = YAML_T_VERSION,
		[YAML_TAG_DIRECTIVE_TOKEN] = YAML_T_TAG_DIRECTIVE,
		[YAML_DOCUMENT_START_TOKEN] = YAML_T_DOCUMENT_START,
		[YAML_DOCUMENT_END_TOKEN] = YAML_T_DOCUMENT_END,
		[YAML_BLOCK_SEQUENCE_START_TOKEN] = YAML_T_BLOCK_SEQUENCE,
		[YAML_BLOCK_MAPPING_START_TOKEN] = YAML_T_BLOCK_MAPPING,
		[YAML_BLOCK_END_TOKEN] = YAML_T_BLOCK_END,
		[YAML_FLOW_SEQUENCE_START_TOKEN] = YAML_T_FLOW_SEQUENCE,
		[YAML_FLOW_SEQUENCE_END_TOKEN] = YAML_T_FLOW_SEQUENCE_END,
		[YAML_FLOW_MAPPING_START_TOKEN] = YAML_T_FLOW_MAPPING,
		[YAML_FLOW_MAPPING_END_TOKEN] = YAML_T_FLOW_MAPPING_END,
		[YAML_BLOCK_ENTRY_TOKEN] = YAML_T_BLOCK_ENTRY,
		[YAML_FLOW_ENTRY_TOKEN] = YAML_T_FLOW_ENTRY,
		[YAML_KEY_TOKEN] = YAML_T_KEY,
		[YAML_VALUE_TOKEN] = YAML_T_VALUE,
		[YAML_ALIAS_TOKEN] = YAML_T_ALIAS,
		[YAML_ANCHOR_TOKEN] = YAML_T_ANCHOR,
		[YAML_TAG_TOKEN] = YAML_T_TAG,
		[YAML_SCALAR_TOKEN] = YAML_T_SCALAR,
	};

	return kinds[type];
}

int yaml_source_token(struct yaml_source *source, struct yaml_token *ret_token, struct error *err)
{
	yaml_token_t token;

	if (!yaml_parser_scan(&source->parser, &token))
		return fail_parser(source, err);
	if (token.type == YAML_NO_TOKEN)
		return error_set(err, ERROR_BUG, "the text has no more tokens");
	*ret_token = (struct yaml_token){
		.kind = kind_of(token.type),
		.style = token.type == YAML_SCALAR_TOKEN ? style_of(token.data.scalar.style)
							 : YAML_STYLE_PLAIN,
		.start = yaml_input_find(&source->input, token.start_mark.index),
		.end = yaml_input_find(&source->input, token.end_mark.index),
		.line = (uint32_t)token.start_mark.line,
		.column = (uint32_t)token.start_mark.column,
		.end_line = (uint32_t)token.end_mark.line,
		.end_column = (uint32_t)token.end_mark.column,
	};
	if (token.type == YAML_SCALAR_TOKEN)
		secret_wipe(token.data.scalar.value, token.data.scalar.length);
	yaml_token_delete(&token);
	return 0;
}
