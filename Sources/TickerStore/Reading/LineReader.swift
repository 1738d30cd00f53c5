import MarketData

/// Reads stored lines for comparison with new ones, in windows, so that a file loaded twice costs few system calls.
struct LineReader {
    /// By file number.
    var files: [Int: any File] = [:]
    private var window: [UInt8] = []
    private var windowFile = -1
    private var windowStart = 0

    private static let smallWindow = 4_096
    private static let largeWindow = 256 << 10

    /// Whether the line at `locator` says the same as `line` (spec section 3: byte-equal name, equal numbers).
    ///
    /// - Parameter writer: The open log file: lines of batches that are being committed are still in its memory.
    mutating func holdsSameContent(_ locator: LineLocator, as line: Span<UInt8>, pendingIn writer: borrowing LogWriter) throws(StoreError) -> Bool {
        if locator.file == writer.number, locator.offset >= writer.committedEnd {
            let start = locator.offset - writer.committedEnd
            let pending = writer.pending.span
            return TickerLine.sameContent(pending.extracting(start..<Self.lineEnd(in: pending, from: start)), line)
        }
        let range = try locate(locator)
        return TickerLine.sameContent(window.span.extracting(range), line)
    }

    /// Forgets what was read: bytes behind the end of the log may have been cut.
    mutating func forgetWindow() {
        window.removeAll(keepingCapacity: true)
        windowFile = -1
    }

    /// Brings the line at `locator` into the window.
    private mutating func locate(_ locator: LineLocator) throws(StoreError) -> Range<Int> {
        if locator.file == windowFile, locator.offset >= windowStart, locator.offset < windowStart + window.count {
            let start = locator.offset - windowStart
            let end = Self.lineEnd(in: window.span, from: start)
            if end < window.count { return start..<end }
        }
        // A line close behind the window: the file is being read in order, so take a long piece.
        let isNear = locator.file == windowFile && (0...Self.smallWindow).contains(locator.offset - windowStart - window.count + Self.smallWindow)
        window = try files[locator.file]!.bytes(at: locator.offset, count: isNear ? Self.largeWindow : Self.smallWindow)
        windowFile = locator.file
        windowStart = locator.offset
        let end = Self.lineEnd(in: window.span, from: 0)
        if end == window.count { window = try files[locator.file]!.bytes(at: locator.offset, count: LogFormat.maximumLine) }
        return 0..<Self.lineEnd(in: window.span, from: 0)
    }

    private static func lineEnd(in bytes: Span<UInt8>, from start: Int) -> Int {
        var end = start
        while end < bytes.count, bytes[end] != 0x0A { end += 1 }
        return end
    }
}
