#pragma once
// What file systems answer to a link, a clone or a flag that they do not know: FAT and CIFS EPERM, vboxsf EPROTO, 9p
// and FUSE EINVAL, EOPNOTSUPP or ENOSYS. The same can then be had by a copy, or without.

#include <cerrno>

namespace pkg::fs {

constexpr bool is_refusal(int error) {
  return error == EPERM || error == EOPNOTSUPP || error == ENOTSUP || error == ENOSYS || error == EINVAL ||
         error == EPROTO;
}

}  // namespace pkg::fs
