import Hummingbird
import NIOCore
import Synchronization

/// Writes the pieces of a long answer, and closes the connection of a client that has taken nothing for too long.
///
/// Writing waits while the client is behind, so it holds the reading back; a client that never goes on would hold the answer, its memory and its
/// snapshot for ever (spec section 9: export and stream end after 30 s without progress).
final class ClientProgress: Sendable {
    private struct State {
        /// Pieces that were written.
        var written = 0
        var isWriting = false
    }

    private let channel: (any Channel)?
    private let patience: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - channel: The connection; nil where there is none.
    ///   - patience: How long a client may take nothing while there is something for it.
    init(_ channel: (any Channel)?, patience: Duration) {
        self.channel = channel
        self.patience = patience
    }

    /// Writes a piece; returns when the client has room for the next.
    func write(_ piece: ByteBuffer, to writer: inout any ResponseBodyWriter) async throws {
        state.withLock { $0.isWriting = true }
        defer {
            state.withLock { state in
                state.isWriting = false
                state.written += 1
            }
        }
        try await writer.write(piece)
    }

    /// Looks at the connection until the task is cancelled, and closes it when the client takes nothing.
    func watch() async {
        guard let channel else { return }
        var last: (written: Int, waiting: Int) = (-1, -1)
        var moved = ContinuousClock.now
        while !Task.isCancelled {
            // Bytes that the kernel has not taken: they become fewer even within a piece.
            let waiting = (try? await channel.getOption(.bufferedWritableBytes).get()) ?? 0
            let (written, isWriting) = state.withLock { ($0.written, $0.isWriting) }
            if !isWriting || last != (written, waiting) {
                last = (written, waiting)
                moved = .now
            } else if ContinuousClock.now - moved >= patience {
                return channel.close(mode: .all, promise: nil)
            }
            try? await Task.sleep(for: patience / 6)
        }
    }
}
