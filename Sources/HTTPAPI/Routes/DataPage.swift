import Hummingbird
import MarketData
import NIOCore
import TickerStore

/// One page of `/data`: the store's page in the order it is shown, and its neighbours.
struct DataPage: Sendable {
    private let page: RowPage
    private let travel: RowCursor.Travel
    /// Of each row the end of its object, or of its CSV record, where it was asked for.
    private let lineage: [[UInt8]]
    /// Cursor of the page after this one.
    let next: String?
    /// Cursor of the page before this one.
    let previous: String?

    var hasMore: Bool { next != nil }

    /// - Parameters:
    ///   - page: rows in the direction of travel.
    ///   - request: what they were asked with.
    init(_ page: RowPage, _ request: DataRequest) {
        self.page = page
        self.travel = request.travel
        lineage = page.lineage.map { request.format == .csv ? $0.cells : $0.members }
        func cursor(_ travel: RowCursor.Travel, _ position: RowPosition?) -> String {
            RowCursor(filters: request.filters, travel: travel, position: position).text
        }
        // Rows beyond the last one read lie ahead in the direction of travel; behind the first one lies what the walk
        // came from. On a page that turned out empty the way back starts at that end of the list.
        let ahead = page.hasMore ? page.last : nil
        switch request.travel {
        case .forward:
            next = ahead.map { cursor(.forward, $0) }
            previous = request.startsList ? nil : cursor(.backward, page.first)
        case .backward:
            next = request.position == nil ? nil : cursor(.forward, page.first)
            previous = ahead.map { cursor(.backward, $0) }
        }
    }

    /// Appends the rows as they are stored, `separator` between them; where it was asked for, each with where it came from at its end.
    func appendRows(to buffer: inout ByteBuffer, separator: UInt8) {
        let ends = page.ends
        page.bytes.withUnsafeBytes { bytes in
            for index in ends.indices {
                let row = travel == .forward ? index : ends.count - 1 - index
                if index > 0 { buffer.writeInteger(separator) }
                let line = UnsafeRawBufferPointer(rebasing: bytes[(row == 0 ? 0 : ends[row - 1])..<ends[row]])
                guard !lineage.isEmpty else {
                    buffer.writeBytes(line)
                    continue
                }
                // In front of the brace that ends the line.
                buffer.writeBytes(UnsafeRawBufferPointer(rebasing: line.dropLast()))
                buffer.writeBytes(lineage[row])
            }
        }
    }

    /// The rows as CSV with a header line; where it was asked for, each with where it came from at its end.
    ///
    /// - Throws: `UnreadableLine`.
    func table() throws(UnreadableLine) -> [UInt8] {
        var records = TickerTable.headerBytes
        if !lineage.isEmpty {
            records.removeLast()
            records += Array(",idempotency_key,run_id,batch,fetched_at\n".utf8)
        }
        for index in page.ends.indices {
            let row = travel == .forward ? index : page.ends.count - 1 - index
            let line = page.bytes.span.extracting((row == 0 ? 0 : page.ends[row - 1])..<page.ends[row])
            guard TickerTable.append(line: line, formulas: .escaped, to: &records) else { throw UnreadableLine() }
            guard !lineage.isEmpty else { continue }
            records.removeLast()
            records += lineage[row]
        }
        return records
    }

    /// Bytes that the rows with their separators take.
    var rowBytes: Int { page.bytes.count + page.ends.count + lineage.reduce(0) { $0 + $1.count } }

    var isEmpty: Bool { page.ends.isEmpty }
}
