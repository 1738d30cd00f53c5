#pragma once

/// Has a SIGBUS name the mapped file that could not be read, on standard error, before it ends the process as it would have anyway.
void tell_of_bus_errors(void);
