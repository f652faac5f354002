#pragma once
// What file systems answer to a link, a clone or a flag that they do not know: FAT and CIFS EPERM, vboxsf EPROTO, 9p
// and FUSE EINVAL, EOPNOTSUPP or ENOSYS. The same can then be had by a copy, or without.

#include <cerrno>

namespace pkg::fs {

constexpr bool is_refusal(int error) {
  return error == EPERM || error == EOPNOTSUPP || error == ENOTSUP || error == ENOSYS || error == EINVAL ||
         error == EPROTO;
}

// What flock() answers where there are no locks: NFS without lockd, Lustre without `flock`, FUSE and 9p.
constexpr bool means_no_locks(int error) {
  return error == ENOLCK || error == ENOSYS || error == EOPNOTSUPP || error == EINVAL;
}

}  // namespace pkg::fs
