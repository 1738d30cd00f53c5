// The unit of systemd.

#include "CAssets.h"

static const unsigned char kasparro_service[] = {
#embed "files/kasparro.service"
};

EmbeddedFile embedded_kasparro_service(void) { return (EmbeddedFile){kasparro_service, sizeof kasparro_service}; }
