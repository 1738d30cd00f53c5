import MarketData
import NIOCore
import Synchronization
import TickerStore

/// Makes the body of an export, a piece at a time, from one snapshot of the store.
///
/// Nothing is read before the first piece is asked for, and nothing but one piece is held; with the reader the snapshot goes.
final class ExportReader: Sendable {
    /// Bytes of lines in a piece, about: large enough that handing it over costs little, small enough to hold several.
    static let pieceBytes = 256 << 10

    private struct State {
        var scan: LineScan?
        var compressor: GzipStream?
        var lines: [UInt8] = []
        var records: [UInt8] = []
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
            var piece: [UInt8] = []
            while piece.isEmpty, !state.isAtEnd {
                try advance(&state)
                if isCompressed {
                    if state.compressor == nil { state.compressor = try GzipStream() }
                    try state.compressor?.compress(state.records, isLast: state.isAtEnd, to: &piece)
                    state.records.removeAll(keepingCapacity: true)
                } else {
                    swap(&piece, &state.records)
                }
            }
            return piece.isEmpty ? nil : ByteBuffer(bytes: piece)
        }
    }

    /// Puts the next text into `records`.
    private func advance(_ state: inout State) throws {
        if !state.hasBegun {
            state.hasBegun = true
            // The scan alone holds the snapshot from here on: groups that are done could go.
            if let snapshot = snapshot.withLock({ $0.take() }) { state.scan = try LineScan(snapshot, request.query, isInOrder: request.isInOrder) }
            if request.format == .csv { state.records.append(contentsOf: TickerTable.headerBytes) }
        }
        state.lines.removeAll(keepingCapacity: true)
        let rows = try state.scan?.next(Self.pieceBytes, to: &state.lines) ?? 0
        state.rows += rows
        switch request.format {
        case .ndjson: state.records.append(contentsOf: state.lines)
        case .csv:
            var records: [UInt8] = []
            swap(&records, &state.records)
            try RowText.appendCSV(state.lines.span, request.formulas, to: &records)
            swap(&records, &state.records)
        }
        guard rows == 0 else { return }
        state.isAtEnd = true
        state.scan = nil
        if request.format == .ndjson { state.records.append(contentsOf: Array("{\"_end\":true,\"rows\":\(state.rows)}\n".utf8)) }
    }
}

extension TickerTable {
    static var headerBytes: [UInt8] { header.withUTF8Buffer { Array($0) } }
}
