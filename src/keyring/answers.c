/* SPDX-License-Identifier: MIT */
#include "answers.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ANSWERS_MAX 16
#define QUESTION_MAX 320
#define ANSWER_MAX 512

struct answer {
	char question[QUESTION_MAX];
	size_t len;
	uint8_t bytes[ANSWER_MAX];
};

struct keyring_answers {
	pid_t owner;
	size_t len;
	struct answer items[ANSWERS_MAX];
};

struct keyring_answers *keyring_answers_new(void)
{
	struct keyring_answers *answers = mmap(NULL, sizeof(*answers), PROT_READ | PROT_WRITE,
					       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (answers == MAP_FAILED)
		return NULL;
	/* as far as the limits allow, like all locked memory here */
	(void)mlock(answers, sizeof(*answers));
	(void)madvise(answers, sizeof(*answers), MADV_DONTDUMP);
	answers->owner = getpid();
	return answers;
}

/* Another process may have written it: nothing in it is trusted to be in bounds. */
static const struct answer *find(const struct keyring_answers *answers, const char *question)
{
	for (size_t i = 0; i < ANSWERS_MAX && i < answers->len; i++)
		if (answers->items[i].len <= ANSWER_MAX &&
		    strncmp(answers->items[i].question, question, QUESTION_MAX) == 0)
			return &answers->items[i];
	return NULL;
}

int keyring_answers_find(const struct keyring_answers *answers, const char *question,
			 bool *ret_found, struct secret *ret_answer, struct error *err)
{
	const struct answer *answer = answers ? find(answers, question) : NULL;
	const size_t len = answer ? answer->len : 0;

	*ret_found = answer && len <= ANSWER_MAX;
	return *ret_found ? secret_append(ret_answer, answer->bytes, len, err) : 0;
}

void keyring_answers_add(struct keyring_answers *answers, const char *question, struct span answer)
{
	struct answer *item;

	if (!answers || answers->len >= ANSWERS_MAX || strlen(question) >= QUESTION_MAX ||
	    answer.len == 0 || answer.len > ANSWER_MAX)
		return;
	item = &answers->items[answers->len];
	memcpy(item->question, question, strlen(question) + 1);
	memcpy(item->bytes, answer.data, answer.len);
	item->len = answer.len;
	answers->len++;
}

void keyring_answers_free(struct keyring_answers *answers)
{
	if (!answers)
		return;
	if (answers->owner == getpid())
		secret_wipe(answers, sizeof(*answers));
	(void)munmap(answers, sizeof(*answers));
}
