/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The configuration file.  It is applied by the client, `ip-bfd restore FILE config`, in a process
 * of its own that talks to us as any other: one parser of one language, and the loop never waits.
 * What the client says goes to the log.  Lines whose device isn't there are applied when it comes;
 * this must not know what else is in the file.
 */
#ifndef IPBFD_CONFIG_H
#define IPBFD_CONFIG_H

struct config;
struct loop;

/*
 * Have the file applied as soon as loop runs: path, or if that is NULL the one of this network
 * namespace (NULL: the one that we were started in), if there is such a file.  *out is owned by the
 * caller (config_close), and NULL if there is nothing to do.  Returns 0 or a negative errno.
 */
int config_start(struct loop *loop, const char *path, const char *netns, struct config **out);
/* Ends the client, if it hasn't ended.  NULL is fine. */
void config_close(struct config *config);

#endif /* IPBFD_CONFIG_H */
