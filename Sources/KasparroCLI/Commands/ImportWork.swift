import HTTPAPI
import Ingest
import MarketData
import TickerStore

/// Brings the rows of files into a store, its own or a server's. What was stored stays whatever comes after it; to import again skips it.
final class ImportWork: @unchecked Sendable {
    // Used from one task at a time, as `ImportFiles` is.
    /// Bytes of lines in a request: below what the server takes, and much at once.
    private static let pieceBytes = 768 << 10

    /// How far the import came, and why it went no further.
    struct Outcome: Sendable {
        var report: ImportReport
        var failure: CommandFailure?
    }

    private let files: ImportFiles
    private let id: String
    private let progress: @Sendable (ImportReport) -> Void
    private var rows: RowImport
    private var report = ImportReport()
    private var failure: CommandFailure?
    /// What was read before anybody asked for it.
    private var held: (line: [UInt8]?, full: Batch?)?

    /// - Parameters:
    ///   - id: as `RowImport.makeID` gives it.
    ///   - progress: called with what is durable.
    init(_ files: ImportFiles, id: String, progress: @escaping @Sendable (ImportReport) -> Void) {
        self.files = files
        self.id = id
        self.progress = progress
        rows = RowImport(runID: id, now: Timestamp(milliseconds: currentMilliseconds()))
    }

    /// Reads as far as the first row: what holds none is refused before there is a store for it. Blocks.
    func begin() throws(CommandFailure) {
        held = next()
        if let failure { throw failure }
    }

    /// Commits batch by batch. Blocks.
    func store(in store: Store) throws(StoreError) -> Outcome {
        while true {
            let (line, full) = next()
            if line == nil { break }
            if let full { try commit(full, store) }
        }
        while let batch = rows.takeRest() { try commit(batch, store) }
        return Outcome(report: report, failure: failure)
    }

    private func commit(_ batch: Batch, _ store: Store) throws(StoreError) {
        report.add(try store.commit(batch), batch: batch)
        progress(report)
    }

    /// Sends piece by piece, each answered when it is durable.
    func send(to server: RunningServer) async throws -> Outcome {
        while true {
            let piece = await OwnThread.run { self.nextPiece() }
            if piece.isEmpty { break }
            let query = [("id", id), ("first_batch", "\(report.batches + 1)")]
            guard let stored = ImportReport(try await server.post("/admin/import", query: query, lines: piece)) else {
                throw RunningServer.unreadable("import")
            }
            report.add(stored)
            progress(report)
        }
        return Outcome(report: report, failure: failure)
    }

    /// Lines of good rows; none at the end.
    private func nextPiece() -> [UInt8] {
        var piece: [UInt8] = []
        // A line is at most 64 KiB.
        while piece.count < Self.pieceBytes {
            guard let line = next().line else { break }
            piece.append(contentsOf: line)
            piece.append(0x0A)
        }
        return piece
    }

    /// The next good row, and the batch that became full with it; no line at the end, or where something is wrong.
    private func next() -> (line: [UInt8]?, full: Batch?) {
        if failure != nil { return (nil, nil) }
        if let held {
            self.held = nil
            return held
        }
        do throws(CommandFailure) {
            guard let line = try files.next() else { return (nil, nil) }
            do throws(ImportProblem) {
                return (line, try rows.add(line))
            } catch {
                throw CommandFailure(.corruptData, "\(files.place): \(error)")
            }
        } catch {
            failure = error
            return (nil, nil)
        }
    }
}
