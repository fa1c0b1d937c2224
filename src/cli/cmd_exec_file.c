/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exec.h"
#include "cli/input.h"
#include "cli/policy.h"
#include "cli/workspace.h"
#include "util/buf.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

#define USUAL_NAME "tmp-file"

struct exec_file_options {
	bool no_fifo, ignore_mac, on_disk;
	const char *filename, *user, *input_type, *output_type, *decryption_order;
	struct policy_options policy;
};

// clang-format off
static const struct option_spec exec_file_options[] = {
	{ "no-fifo", 0, NULL, "a regular file instead of a FIFO, which can be read once only", OPTION_FLAG,
	  offsetof(struct exec_file_options, no_fifo) },
	{ "filename", 0, "NAME", "the name of the file that COMMAND gets (default: " USUAL_NAME ")", OPTION_TEXT,
	  offsetof(struct exec_file_options, filename) },
	{ "user", 0, "NAME", "run COMMAND as this user", OPTION_TEXT,
	  offsetof(struct exec_file_options, user) },
	{ "on-disk", 0, NULL, "put a regular file below TMPDIR where there is no memory file system", OPTION_FLAG,
	  offsetof(struct exec_file_options, on_disk) },
	IGNORE_MAC_OPTION(struct exec_file_options),
	INPUT_TYPE_OPTION(struct exec_file_options, input_type),
	{ "output-type", 0, "TYPE", "the format that COMMAND gets: " FORMAT_TYPES, OPTION_TEXT,
	  offsetof(struct exec_file_options, output_type) },
	ORDER_OPTION(struct exec_file_options),
	LAYOUT_OPTIONS(struct exec_file_options),
	{ .name = NULL },
};
// clang-format on

/* The process that writes into the FIFO, as soon as somebody reads. */
struct writer {
	pid_t pid;
};

#define WRITER_INIT ((struct writer){ -1 })

static void writer_release(struct writer *writer)
{
	if (writer->pid <= 0)
		return;
	(void)kill(writer->pid, SIGKILL);
	while (waitpid(writer->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*writer = WRITER_INIT;
}

static int check_name(const char *name, struct error *err)
{
	if (name[0] != '\0' && !strchr(name, '/') && strcmp(name, ".") != 0 &&
	    strcmp(name, "..") != 0)
		return 0;
	return error_set(err, ERROR_CONFIG,
			 "--filename takes a name without directories, not \"%s\"",
			 text_printable_text(name).text);
}

/* For the job in the child. */
struct exec_file {
	struct exec *exec;
	struct formats formats;
	struct policy_source source; /* read where the formats differ */
};

static void exec_file_release(struct exec_file *run)
{
	policy_source_release(&run->source);
}

/* In the child. */
static int plaintext_job(void *argument, struct secret *ret_answer, struct error *err)
{
	const struct exec_file *run = argument;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(doc_path) all = DOC_PATH_INIT;
	unsigned indent;

	if (sealed_open(&run->exec->sealed, run->exec->ignore_mac ? SOPS_IGNORE_MAC : 0, &file,
			err) < 0)
		return -1;
	if (run->formats.output == run->formats.input)
		return sops_file_plaintext(&file, ret_answer, err);
	if (policy_indent(&run->source, run->formats.output, &indent, err) < 0)
		return -1;
	if (sops_file_convert(&file, &all, run->formats.output, indent, ret_answer, err) < 0)
		return -1;
	return sealed_tell_documents(run->exec->sealed.name, doc_documents(&file.doc),
				     run->formats.output, false, err);
}

/* In the writer. Only SIGKILL ends it before the text is read: Ctrl-C is the command's to deal with. */
static NORETURN void write_to_fifo(const struct workspace *workspace, const char *name,
				   const struct secret *text, pid_t parent)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct error err = ERROR_INIT;
	AUTO_FD int fd = -1;

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != parent)
		_exit(1);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		(void)signal(ignored[i], SIG_IGN);
	close(workspace->alive_fd);
	fd = openat(workspace->fd, name, O_WRONLY | O_CLOEXEC);
	_exit(fd < 0 || file_write_all(fd, secret_span(text), name, &err) < 0);
}

static int make_fifo(const struct workspace *workspace, const char *name, const struct secret *text,
		     struct writer *ret_writer, struct error *err)
{
	const pid_t parent = getpid();

	if (mkfifoat(workspace->fd, name, 0600) < 0)
		return error_sys(err, "cannot make a FIFO in \"%s\"", workspace->path);
	fflush(NULL);
	ret_writer->pid = fork();
	if (ret_writer->pid == 0)
		write_to_fifo(workspace, name, text, parent);
	return ret_writer->pid > 0 ? 0 : error_sys(err, "cannot start a child process");
}

/* The file, and its directory, belong to who is to read it. */
static int give_to(const struct workspace *workspace, const char *name,
		   const struct shell_user *user, struct error *err)
{
	if (fchownat(workspace->fd, name, user->uid, user->gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchown(workspace->fd, user->uid, user->gid) < 0)
		return error_sys(err, "cannot give \"%s\" to \"%s\"", workspace->path,
				 text_printable_text(user->name).text);
	return 0;
}

/* COMMAND with the file's path in the place of each "{}". */
static int fill_in(const char *command, const char *directory, const char *name,
		   struct buf *ret_line, struct error *err)
{
	const char *hole;

	while ((hole = strstr(command, "{}")) != NULL) {
		if (buf_append(ret_line, command, (size_t)(hole - command), err) < 0 ||
		    buf_printf(ret_line, err, "%s/%s", directory, name) < 0)
			return -1;
		command = hole + 2;
	}
	return buf_append_text(ret_line, command, err);
}

static int run_with(struct exec *exec, const struct workspace *workspace, const char *name,
		    struct error *err)
{
	AUTO(shell_environment) environment = SHELL_ENVIRONMENT_INIT;
	AUTO(buf) line = BUF_INIT;
	const struct shell_user *user = exec->has_user ? &exec->user : NULL;
	const struct shell_setting setting = { false, user, &exec->kept };
	struct shell_command command = { .environment = &environment, .user = user };

	if (fill_in(exec->invocation->args[1], workspace->path, name, &line, err) < 0 ||
	    buf_text(&line, &command.line, err) < 0 ||
	    shell_environment_make(&setting, &environment, err) < 0)
		return -1;
	return shell_run(&command, exec->invocation->status, err);
}

static int run(const struct invocation *invocation, struct error *err)
{
	const struct exec_file_options *options = invocation->options;
	const char *name = options->filename ? options->filename : USUAL_NAME;
	/* what goes through a FIFO is in no file */
	const struct workspace_need need = { .purpose = "exec",
					     .on_disk = options->on_disk || !options->no_fifo,
					     .for_others = options->user != NULL };
	AUTO(exec) exec = EXEC_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(workspace) workspace = WORKSPACE_INIT;
	AUTO(writer) writer = WRITER_INIT;
	AUTO(exec_file) job = { &exec, { DOC_YAML, DOC_YAML }, POLICY_SOURCE_INIT };

	if (check_name(name, err) < 0 ||
	    sealed_formats(invocation->args[0], options->input_type, options->output_type,
			   &job.formats, err) < 0 ||
	    (job.formats.output != job.formats.input &&
	     policy_read_rules(&options->policy, input_name(invocation->args[0]), &job.source,
			       err) < 0) ||
	    exec_read(invocation, job.formats.input, options->user, &exec, err) < 0 ||
	    sealed_set_order(&exec.sealed, options->decryption_order, err) < 0)
		return -1;
	exec.ignore_mac = options->ignore_mac;
	if (child_job(plaintext_job, &job, &text, err) < 0 ||
	    workspace_make(&need, &workspace, err) < 0)
		return -1;
	if ((options->no_fifo ? file_write(workspace.fd, name, secret_span(&text), 0600, err)
			      : make_fifo(&workspace, name, &text, &writer, err)) < 0 ||
	    (exec.has_user && give_to(&workspace, name, &exec.user, err) < 0))
		return -1;
	return run_with(&exec, &workspace, name, err);
}

const struct command cmd_exec_file = {
	.name = "exec-file",
	.group = "files",
	.summary = "run a command with the plaintext in a file that goes away",
	.synopsis = "[--no-fifo] [--filename NAME] [--user NAME] FILE COMMAND",
	.example = "bootseal exec-file secrets/bridge.yaml 'bridge --config {}'",
	.options = exec_file_options,
	.options_size = sizeof(struct exec_file_options),
	.min_args = 2,
	.max_args = 2,
	.run = run,
};
