import Hummingbird
import MarketData
import NIOCore
import TickerStore

/// One page of `/data`: the store's page in the order it is shown, and its neighbours.
struct DataPage: Sendable {
    private let page: RowPage
    private let travel: RowCursor.Travel
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

    /// Appends the rows as they are stored, `separator` between them.
    func appendRows(to buffer: inout ByteBuffer, separator: UInt8) {
        let ends = page.ends
        page.bytes.withUnsafeBytes { bytes in
            for index in ends.indices {
                let row = travel == .forward ? index : ends.count - 1 - index
                if index > 0 { buffer.writeInteger(separator) }
                buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[(row == 0 ? 0 : ends[row - 1])..<ends[row]]))
            }
        }
    }

    /// Bytes that the rows with their separators take.
    var rowBytes: Int { page.bytes.count + page.ends.count }

    var isEmpty: Bool { page.ends.isEmpty }
}
