/* libarchive's configuration for reading compressed files: what its own header for a Linux host says, without what musl
   or our use of it does not have. */
#define __LIBARCHIVE_CONFIG_H_INCLUDED 1
#include "linux_host.h"
#undef HAVE_ICONV
#undef HAVE_ICONV_H
#undef HAVE_READDIR_R
#undef HAVE_SYS_CDEFS_H
#undef HAVE_SYS_XATTR_H
#undef STRERROR_R_CHAR_P
#define HAVE_BZLIB_H 1
#define HAVE_LIBBZ2 1
#define HAVE_LIBLZMA 1
#define HAVE_LIBZ 1
#define HAVE_LZMA_H 1
#define HAVE_LIBZSTD 1
#define HAVE_ZSTD_H 1
