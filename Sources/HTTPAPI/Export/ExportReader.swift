import Gzip
import MarketData
import NIOCore
import Synchronization
import TickerStore

/// Makes the body of an export, a piece at a time, from one snapshot of the store.
///
/// Nothing is read before the first piece is asked for, and nothing but one piece is held; with the reader the snapshot goes.
final class ExportReader: Sendable {
    /// Bytes of lines from which a piece is full: large enough that handing it over costs little, small enough to hold several. With the block that
    /// fills it, 32 KiB at most, it still fits the 256 KiB that a buffer then has.
    static let pieceBytes = 224 << 10

    private struct State {
        var scan: LineScan?
        var compressor: GzipStream?
        /// Stored lines that become CSV.
        var lines: [UInt8] = []
        /// Text of the next piece.
        var records: [UInt8] = []
        /// The same compressed.
        var packed: [UInt8] = []
        var rows = 0
        var hasBegun = false
        var isAtEnd = false
    }

    private let snapshot: Mutex<Snapshot?>
    private let request: ExportRequest
    private let isCompressed: Bool
    private let state = Mutex(State())

    init(_ snapshot: Snapshot, _ request: ExportRequest, isCompressed: Bool) {
        self.snapshot = Mutex(snapshot)
        self.request = request
        self.isCompressed = isCompressed
    }

    /// The next bytes, never none of them; nil behind the last ones. Blocks on the disk.
    ///
    /// - Throws: `StoreError`, `UnreadableLine`, `GzipStream.Failure`; what came before is then no whole export.
    func next() throws -> ByteBuffer? {
        try state.withLock { state in
            while !state.isAtEnd {
                state.records.removeAll(keepingCapacity: true)
                try advance(&state)
                let piece = isCompressed ? try Self.pack(&state) : state.records
                if !piece.isEmpty { return ByteBuffer(bytes: piece) }
            }
            return nil
        }
    }

    /// What the compressor gives for `records`, which may be nothing yet.
    private static func pack(_ state: inout State) throws(GzipStream.Failure) -> [UInt8] {
        let compressor: GzipStream
        if let own = state.compressor { compressor = own } else { compressor = try GzipStream() }
        state.compressor = compressor
        state.packed.removeAll(keepingCapacity: true)
        try compressor.compress(state.records, isLast: state.isAtEnd, to: &state.packed)
        return state.packed
    }

    /// Puts the next text into `records`.
    private func advance(_ state: inout State) throws {
        if !state.hasBegun {
            state.hasBegun = true
            // The scan alone holds the snapshot from here on: groups that are done could go.
            if let snapshot = snapshot.withLock({ $0.take() }) { state.scan = try LineScan(snapshot, request.query, isInOrder: request.isInOrder) }
            if request.format == .csv { state.records.append(contentsOf: TickerTable.headerBytes) }
        }
        let rows: Int
        switch request.format {
        case .ndjson: rows = try state.scan?.next(Self.pieceBytes, to: &state.records) ?? 0
        case .csv:
            state.lines.removeAll(keepingCapacity: true)
            rows = try state.scan?.next(Self.pieceBytes, to: &state.lines) ?? 0
            var records: [UInt8] = []
            swap(&records, &state.records)
            try RowText.appendCSV(state.lines.span, request.formulas, to: &records)
            swap(&records, &state.records)
        }
        state.rows += rows
        guard rows == 0 else { return }
        state.isAtEnd = true
        state.scan = nil
        if request.format == .ndjson { state.records.append(contentsOf: Array("{\"_end\":true,\"rows\":\(state.rows)}\n".utf8)) }
    }
}

extension TickerTable {
    static var headerBytes: [UInt8] { header.withUTF8Buffer { Array($0) } }
}
