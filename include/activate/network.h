/* SPDX-License-Identifier: MIT */
/*
 * What lies on a mount that systemd orders behind the network. Waiting for that would be waiting in a circle: our unit
 * comes before sysinit.target, the network after. systemd would break that by leaving out some unit of its choice.
 */
#ifndef ACTIVATE_NETWORK_H
#define ACTIVATE_NETWORK_H

#include <stdbool.h>

/*
 * Does path, absolute and without "." and "..", lie on a network's file system, as /etc/fstab or a mount unit says? Of
 * units their files count, not drop-ins or what other generators write.
 */
bool network_has(const char *path);

#endif
