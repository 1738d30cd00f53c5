import Glibc
import Synchronization
import Telemetry

/// A terminal with lines at its bottom that change, and other lines that go by above them.
final class TerminalScreen: Sendable {
    private let fileDescriptor: Int32
    private let frame = Mutex(ScreenFrame())
    /// Whether colour is welcome (no-color.org).
    let isColored: Bool

    /// The terminal behind a file descriptor; nil when there is none, or one that can do nothing but write.
    init?(fileDescriptor: Int32 = STDERR_FILENO, environment: [String: String]) {
        guard isatty(fileDescriptor) == 1, let kind = environment["TERM"], !["", "dumb"].contains(kind) else { return nil }
        self.fileDescriptor = fileDescriptor
        isColored = (environment["NO_COLOR"] ?? "").isEmpty
    }

    /// As it is now; a terminal that does not say has 80 columns and 24 rows.
    var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(fileDescriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Shows lines in the place of those before; none takes them away.
    func show(_ lines: [String]) {
        frame.withLock { _ = write($0.replace(with: lines, columns: size.columns)) }
    }

    /// Writes above them.
    ///
    /// - Parameter text: Whole lines.
    /// - Returns: false when it was lost.
    func put(_ text: [UInt8]) -> Bool {
        frame.withLock { write($0.put(String(decoding: text, as: UTF8.self), columns: size.columns)) }
    }

    /// In one piece, so that nothing is seen half done.
    private func write(_ text: String) -> Bool {
        LogSink.write(Array(text.utf8), to: fileDescriptor)
    }
}
