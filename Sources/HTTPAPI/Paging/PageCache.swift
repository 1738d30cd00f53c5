import NIOCore
import Synchronization
import TickerStore

/// Pages of `/data` that were asked for since the store last changed, as they are printed.
///
/// Whoever looks at prices asks the same again and again, and most of the time nothing has changed in between: such a page costs one copy, and
/// nobody waits for a thread that may read from the disk. A page is kept for one snapshot only, so it is never older than the newest commit.
package final class PageCache: Sendable {
    private struct Pages {
        /// The snapshot that they show.
        var snapshot: UInt64 = 0
        var byRequest: [String: PrintedPage] = [:]
        var bytes = 0
    }

    /// A page with long lines is not worth its place.
    static let longestPage = 512 << 10
    /// When they are more they are all forgotten: a walk over a million rows asks for each page once.
    static let mostBytes = 8 << 20

    private let pages = Mutex(Pages())

    package init() {}

    /// Bytes of memory that the pages take.
    package var bytes: Int { pages.withLock { $0.bytes } }

    /// Bytes of memory that a page takes, about.
    static func cost(of page: PrintedPage, for request: String) -> Int {
        // The body's room is a power of two. Its header fields with their cursors and its place in the table take more than a short body does.
        page.body.storageCapacity + request.utf8.count + 1_024
    }

    /// - Parameters:
    ///   - request: path and query as they were sent.
    ///   - snapshot: what must be shown.
    func page(_ request: String, of snapshot: Snapshot) -> PrintedPage? {
        pages.withLock { $0.snapshot == snapshot.identity ? $0.byRequest[request] : nil }
    }

    /// Keeps a page for those who ask the same of the same snapshot.
    func keep(_ page: PrintedPage, for request: String, of snapshot: Snapshot) {
        if page.body.readableBytes > Self.longestPage { return }
        let bytes = Self.cost(of: page, for: request)
        // What is forgotten is let go after the lock.
        var forgotten: [String: PrintedPage] = [:]
        pages.withLock { pages in
            // A reader that took long must not put an old page in the place of a new one.
            if snapshot.identity < pages.snapshot { return }
            if snapshot.identity > pages.snapshot || pages.bytes + bytes > Self.mostBytes {
                swap(&forgotten, &pages.byRequest)
                pages.bytes = 0
                pages.snapshot = snapshot.identity
            }
            if pages.byRequest.updateValue(page, forKey: request) == nil { pages.bytes += bytes }
        }
    }
}
