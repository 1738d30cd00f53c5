// The manual, from `man/` at the top level, and what a package has beside it.

#include "CAssets.h"

#define EMBEDDED(name) \
    EmbeddedFile embedded_##name(void) { return (EmbeddedFile){name, sizeof name}; }

static const unsigned char kasparro_1[] = {
#embed "../../man/kasparro.1"
};
EMBEDDED(kasparro_1)

static const unsigned char kasparro_conf_5[] = {
#embed "../../man/kasparro.conf.5"
};
EMBEDDED(kasparro_conf_5)

static const unsigned char kasparro_env[] = {
#embed "files/kasparro.env"
};
EMBEDDED(kasparro_env)
