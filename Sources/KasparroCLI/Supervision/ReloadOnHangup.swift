import HTTPAPI
import ServiceLifecycle
import UnixSignals

/// Reloads the configuration at each SIGHUP, one after the other, until the server stops.
struct ReloadOnHangup: Service {
    /// Trapped since before anything was read, so that no change is missed; held to the end, so that a late one does not end the process.
    let hangups: UnixSignalsSequence
    let reloader: Reloader
    let supervision: Supervision

    func run() async throws {
        for await _ in hangups.cancelOnGracefulShutdown() {
            await OwnThread.run { supervision.reload { reloader.reload() } }
        }
    }
}
