import NIOCore
import TickerStore

/// The text of Server-Sent Events (WHATWG HTML, section 9.2).
enum StreamEvents {
    /// Rows of one event, at most; a larger commit becomes several.
    static let rowsAtOnce = 500
    /// Milliseconds that a browser waits before it connects again.
    private static let retryMilliseconds = 3_000

    /// What a stream begins with. The id alone is no event, and is sent back all the same by a client that is cut off before the first one.
    static func opening(at position: StreamPosition) -> ByteBuffer {
        ByteBuffer(string: "retry: \(retryMilliseconds)\nid: \(position.text)\n\n")
    }

    /// A comment that keeps the connection open, and the place up to which there was nothing for this reader.
    static func heartbeat(at position: StreamPosition) -> ByteBuffer { ByteBuffer(string: ": heartbeat\nid: \(position.text)\n\n") }

    /// What the client missed cannot be sent: it is to read `/data`, and the stream goes on from here.
    static func reset(at position: StreamPosition) -> ByteBuffer {
        notice(
            "reset",
            id: position,
            "rows before this event are not kept here any more; read them from /data, then go on with the events that follow"
        )
    }

    /// The last event of a reader that was overtaken.
    static func lagged() -> ByteBuffer {
        notice("lagged", id: nil, "this connection took rows more slowly than they were committed and is closed; read /data, then connect again")
    }

    /// The last event of a server that stops.
    static func shutdown(at position: StreamPosition) -> ByteBuffer {
        notice("shutdown", id: position, "the server stops; connect again with Last-Event-ID")
    }

    private static func notice(_ name: String, id: StreamPosition?, _ detail: String) -> ByteBuffer {
        ByteBuffer(string: (id.map { "id: \($0.text)\n" } ?? "") + "event: \(name)\ndata: {\"detail\":\"\(detail)\"}\n\n")
    }

    /// The next event of a commit: its wanted rows as a JSON array of stored lines, and where the reader then stands.
    ///
    /// - Parameters:
    ///   - wanted: By series; nil: all.
    ///   - start: Rows of the commit that were passed.
    ///   - history: Of the store.
    /// - Returns: No event where nothing is wanted of what was passed.
    static func rows(_ commit: CommittedRows, wanted: [Bool]?, from start: Int, history: UInt32?) -> (event: ByteBuffer?, position: StreamPosition) {
        var chosen: [Range<Int>] = []
        var bytes = 0
        var row = start
        while row < commit.count, chosen.count < rowsAtOnce {
            if wanted?[Int(commit.rowSeries[row])] ?? true {
                let line = (row == 0 ? 0 : commit.ends[row - 1])..<commit.ends[row] - 1
                chosen.append(line)
                bytes += line.count + 1
            }
            row += 1
        }
        // Rows that nobody wants need no event of their own behind the last one that somebody does.
        if let wanted { while row < commit.count, !wanted[Int(commit.rowSeries[row])] { row += 1 } }
        let position = StreamPosition(sequence: commit.sequence, rows: row == commit.count ? nil : row, history: history)
        if chosen.isEmpty { return (nil, position) }
        var event = ByteBuffer()
        event.reserveCapacity(bytes + 64)
        event.writeString("id: \(position.text)\nevent: rows\ndata: [")
        commit.lines.withUnsafeBytes { lines in
            for (index, line) in chosen.enumerated() {
                if index > 0 { event.writeInteger(UInt8(ascii: ",")) }
                event.writeBytes(UnsafeRawBufferPointer(rebasing: lines[line]))
            }
        }
        event.writeString("]\n\n")
        return (event, position)
    }
}
