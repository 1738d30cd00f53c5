// The licences of what the binary is linked with, where `collect-licenses.py` has put them. Without them the build goes on.
//
// The compiler does not list a file that is missing among what this one depends on, so the script touches this file when they are new.

#include "CAssets.h"

#if __has_embed("../../.build/deps/licenses/licenses.txt.gz") == __STDC_EMBED_FOUND__

static const unsigned char licenses_txt_gz[] = {
#embed "../../.build/deps/licenses/licenses.txt.gz"
};

EmbeddedFile embedded_licenses_txt_gz(void) { return (EmbeddedFile){licenses_txt_gz, sizeof licenses_txt_gz}; }

#else

EmbeddedFile embedded_licenses_txt_gz(void) { return (EmbeddedFile){0, 0}; }

#endif
