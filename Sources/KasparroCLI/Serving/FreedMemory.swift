import CMalloc
import HTTPAPI
import ServiceLifecycle

/// Gives back to the system what was needed for a while only.
///
/// malloc keeps freed pages that lie between blocks in use: behind a load, a compaction or a few exports they are several times what the process
/// needs, and would stay as long as it lives.
struct FreedMemory: Service {
    /// A burst is worth a few of these: what comes next finds its pages at hand.
    private static let interval = Duration.seconds(10)

    func run() async throws {
        var choice = TrimChoice()
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.interval) }
            guard let memory = OwnMemory.now(), choice.isWorthwhile(unused: memory.unused) else { continue }
            // Some milliseconds, in which others wait for memory.
            await OwnThread.run { _ = malloc_trim(0) }
            if let rest = OwnMemory.now() { choice.tried(unused: rest.unused) }
        }
    }
}

/// Whether there is enough to be given back.
struct TrimChoice {
    /// Less than this may stay for whoever asks next.
    static let keptBytes = 8 << 20
    /// What could not be given back the last time: less than a page each, between blocks in use.
    private var remainder = 0

    mutating func isWorthwhile(unused: Int) -> Bool {
        remainder = min(remainder, unused)
        return unused - remainder > Self.keptBytes
    }

    /// - Parameter unused: what is left behind the try.
    mutating func tried(unused: Int) { remainder = unused }
}
