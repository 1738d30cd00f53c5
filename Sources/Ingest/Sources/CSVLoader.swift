import MarketData
import TickerStore

/// Loads the files of a `csv` source, in name order, in constant memory (spec section 2).
struct CSVLoader {
    /// After this many bad records in one run something is wrong with the source, not with its records (spec section 5).
    static let maximumBadRecords = 100_000
    /// All names of a header together; each row's raw record repeats them.
    private static let maximumHeaderBytes = 64 << 10
    /// What the raw record of one row may take: the longest record and the names, each byte escaped.
    private static let largestRawRecord = 6 * ((1 << 20) + maximumHeaderBytes)

    /// Files up to this size that end in an open line are looked at again together, so that many of them wait one second and not one each.
    static let smallFile = 1 << 20
    /// After which a file that has not changed is not being written any more.
    private static let stillMilliseconds: Int64 = 60_000
    /// Files that are the same under another time or inode, told to the store at once.
    private static let knownAnewAtOnce = 500

    let name: String
    let source: CSVSource
    private let mode: SourceDefinition.SchemaMode
    let run: ActiveRun
    let memory: FileMemory

    private let mapping: String
    private var builder: BatchBuilder
    private var fault: BatchFault?
    var draft: RowDraft
    /// Of the file being read.
    private var shape: KnownShape?
    private var badRecords = 0
    /// Rows that the file being read has given so far, those that are too old among them.
    private var rows = 0
    /// Records that it has given so far.
    private var records = 0
    /// See `FileProgress.shortestTime`; of the file being read.
    private(set) var shortestTime: Int?
    /// Whether an earlier run found it with the same size and time, and that time is long ago: a last line that is no row will not become one.
    private(set) var hasStoodStill = false
    /// Called between the batches of a file.
    var between: () -> Void = {}
    /// What it was a second ago, when its last line had no end; nil at the first look.
    private(set) var firstLook: FileStatus?
    private var tally = FileTally(path: "")
    private var tallies: [FileTally] = []
    private var openEnded: [(file: CSVFile, status: FileStatus, tally: FileTally)] = []
    /// Where each file of this run has its first bad record, for a source that ends because of them.
    private var beforeBadRecords: [(progress: FileProgress, key: FileKey)] = []
    private var knownAnew: [(progress: FileProgress, key: FileKey)] = []
    /// Takes files that are long gone out of the store's state.
    private(set) var forgotten: [StateChange] = []
    /// Whether any file had something to give.
    private(set) var outcome = SourceOutcome.nothing

    init(name: String, source: CSVSource, mode: SourceDefinition.SchemaMode = .infer, run: ActiveRun, memory: FileMemory) {
        self.name = name
        self.source = source
        self.mode = mode
        self.run = run
        self.memory = memory
        mapping = source.mappingVersion(mode, approvals: run.schemas.registry.mappingVersion(of: name))
        builder = BatchBuilder(source: name)
        fault = BatchFault(run, source: name, rows: BatchBuilder.usualRows)
        let now = Timestamp(milliseconds: run.environment.now().wall)
        draft = RowDraft(now: now, format: source.format, oldestKept: run.environment.oldestKept(at: now))
    }

    mutating func load() {
        let symbol: TextPattern?
        do throws(TextPattern.Unreadable) {
            symbol = try source.symbolPattern.map { pattern throws(TextPattern.Unreadable) in try TextPattern(pattern) }
        } catch {
            return fail(.schema, source.inbox, "the pattern for symbols \(error.description)")
        }
        for file in files() where mayGoOn {
            load(file, symbol)
            between()
        }
        lookAgain(symbol)
        submitKnownAnew()
        if fault?.hasFailed == true { outcome = .failed }
        guard !tallies.isEmpty else { return }
        run.drain()
        for complaint in tallies.compactMap(\.complaint) { run.report(.data, source: name, complaint) }
    }

    private var mayGoOn: Bool { !run.mustStop && badRecords < run.environment.maximumBadRecords && fault?.hasFailed != true }

    /// Looks at the files that ended in an open line, a second after the last of them was read.
    private mutating func lookAgain(_ symbol: TextPattern?) {
        guard !openEnded.isEmpty, mayGoOn else { return }
        run.environment.pause(milliseconds: 1_000) { run.mustStop }
        // What was read of them has to be known.
        run.drain()
        for (file, status, tally) in openEnded where mayGoOn {
            firstLook = status
            self.tally = tally
            load(file, symbol)
        }
    }

    mutating func fail(_ type: RunRecord.ErrorType, _ path: String, _ message: String) {
        run.report(type, source: name, "\(path): \(message)")
        outcome.join(.failed)
    }

    /// The files to read; what is refused is named in the run's errors.
    private mutating func files() -> [CSVFile] {
        let listing = CSVListing(of: source, name: name, on: run.environment.fileSystem)
        for refusal in listing.refused { run.report(.data, source: name, refusal) }
        for (path, problem) in listing.failed { fail(.data, path, problem) }
        // An inbox that cannot be read is not empty.
        if listing.failed.isEmpty { forgotten = memory.forget(of: name, but: listing.files.map(\.key), at: run.environment.now().wall) }
        return listing.files
    }

    mutating func load(_ file: CSVFile) throws {
        let known = memory.progress(of: file.key, mapping: mapping)
        if let known, let status = file.status, known.isUnchanged(status, mapping: mapping) {
            if memory.isMoved(file.key) { noteKnownAnew(known, file.key) }
            return remember(known, file)
        }
        let (text, start) = try reopen(file.path, known)
        if let start, start.isComplete {
            if start.hashedBytes == text.status.size {
                var progress = start
                progress.file = text.status
                noteKnownAnew(progress, file.key)
                return remember(start, file)
            }
            run.remember(start.records, of: file.key, source: name)
        }
        var table = try open(text, file)
        if let start { try table.goOn(text, at: start.offset, line: start.line, isCancelled: { run.isCancelled }, reading(text)) }
        rows = start?.rows ?? 0
        records = start?.records ?? 0
        shortestTime = start?.shortestTime
        // Runs may follow each other quickly, and what writes may take a breath in the middle of a line.
        let age = run.environment.now().wall - text.status.modified / 1_000_000
        hasStoodStill =
            firstLook == nil && known?.file.size == text.status.size && known?.file.modified == text.status.modified
            && abs(age) >= Self.stillMilliseconds
        if firstLook == nil {
            tally = FileTally(path: file.path)
            tallies.append(tally)
            builder.countRepeats()
        }
        defer { if firstLook == nil { tally.note(repeats: builder.repeats) } }
        do {
            let end = try read(text, table)
            guard mayGoOn else {
                flush(text, table)
                return goBackBeforeBadRecords()
            }
            try finish(text, table, end)
        } catch {
            // What was read before the damage is good.
            flush(text, table)
            throw error
        }
    }

    /// Opens a file; with it the place to go on at, when it still begins with the bytes that were read before.
    private func reopen(_ path: String, _ known: FileProgress?) throws -> (InboxFile, FileProgress?) {
        let disk = run.environment.fileSystem
        let file = try InboxFile(path, fileSystem: disk, encoding: source.encoding)
        guard let known, known.mapping == mapping else { return (file, nil) }
        if try file.begins(as: known, isCancelled: { run.mustStop }) { return (file, known) }
        // Other bytes were hashed than those that will be read: begin anew.
        return (try InboxFile(path, fileSystem: disk, encoding: source.encoding), nil)
    }

    /// Reading that ends when the run does; one record may take long to come, or never.
    private func reading(_ file: InboxFile) -> (UnsafeMutableRawBufferPointer) throws -> Int {
        { [run] buffer in
            if run.isCancelled { throw Interrupted() }
            return try file.read(into: buffer)
        }
    }

    /// Reads the header and says what is wrong with it.
    private mutating func open(_ text: InboxFile, _ file: CSVFile) throws -> CSVTable {
        try text.seek(to: 0)
        let reader = CSVReader(separator: source.separator, read: reading(text))
        let header: CSVHeader
        if let columns = source.columns {
            header = try CSVHeader.read(from: reader, declared: columns.map { Array($0.utf8) })
        } else {
            header = try CSVHeader.read(from: reader)
            // It may still be being written.
            if !reader.terminated { throw OpenHeader() }
        }
        let headerBytes = header.names.reduce(0) { $0 + $1.count }
        guard headerBytes <= Self.maximumHeaderBytes else { throw HeaderTooLong(bytes: headerBytes, limit: Self.maximumHeaderBytes) }
        let shape = run.shape(
            of: name,
            names: header.shapeNames,
            rules: SchemaRules(source, header: header, mode: mode),
            isOpen: false
        ) {
            let disk = run.environment.fileSystem
            return SchemaSample(ofFile: file.path, header: header, source: source, separator: reader.separator, fileSystem: disk)
        }
        self.shape = shape
        let columns = ColumnMapping(header: header, decision: shape.decision)
        try header.checkUnique(columns.columns.values)
        run.note([MappingDecision](shape.decision, given: source.given))
        draft.unmappedReasons = shape.decision.unmappedReasons
        // A file that is looked at a second time has been told of.
        if let complaint = shape.decision.complaint(source: name), firstLook == nil {
            run.report(.schema, source: name, "\(file.path): \(complaint)")
            outcome.join(.failed)
        }
        var table = CSVTable(file: file, reader: reader, header: header, mapping: columns)
        // Without a header the first line is a record.
        if header.line == 0 { try table.goOn(text, at: reader.recordStart, line: reader.line, isCancelled: { run.isCancelled }, reading(text)) }
        return table
    }

    /// The same bytes under another time or inode, or another key: the file is known as it is now.
    private mutating func noteKnownAnew(_ progress: FileProgress, _ key: FileKey) {
        knownAnew.append((progress, key))
        if knownAnew.count >= Self.knownAnewAtOnce { submitKnownAnew() }
    }

    private mutating func submitKnownAnew() {
        guard !knownAnew.isEmpty, builder.isEmpty else { return }
        submit(knownAnew)
        knownAnew = []
    }

    /// Reads records until the end; says how that looks.
    private mutating func read(_ file: InboxFile, _ table: CSVTable) throws -> FileEnd {
        // Asking takes a lock, so not for each record.
        while records & 0xFF != 0 || !run.mustStop {
            let before = badRecords
            do {
                guard try table.reader.next() else { return .closed }
                // The last line may still be being written; `finish` decides.
                if !table.reader.terminated { return .openLine }
                add(table)
            } catch let failure as CSVReader.Failure {
                // An open quote at the end may be a line that is still being written.
                if case .unterminatedQuote = failure, !hasStoodStill { return .openQuote }
                // The reader then stands on that line, as far as it fits.
                try table.reader.skipToNextLine()
                reject(failure.reason, content: table.reader.withRecord { $0.bytes }, table)
            }
            if badRecords > before, beforeBadRecords.last?.key != table.file.key {
                beforeBadRecords.append((progress(file, table, isComplete: false, isBefore: true), table.file.key))
            }
            records += 1
            if badRecords >= run.environment.maximumBadRecords {
                run.report(
                    .data,
                    source: name,
                    "\(table.file.path): too_many_bad_records: \(badRecords) records of this run are in quarantine; see /runs/\(run.runID)."
                        + " The next run begins before them again: mend the file or what is said of its columns, or take it out of the inbox"
                )
                outcome.join(.failed)
                break
            }
            if fault?.allows(&builder) == false { break }
            if builder.isFull(adding: Self.largestRawRecord, rows: BatchBuilder.usualRows) { flush(file, table) }
        }
        return .closed
    }

    /// Takes an unterminated last line when the file stands still, and remembers a file that was read to its end.
    private mutating func finish(_ file: InboxFile, _ table: CSVTable, _ end: FileEnd) throws {
        if end != .closed {
            switch try judgeLastLine(file, table, end) {
            case .take:
                add(table)
                records += 1
            case .lookAgain:
                openEnded.append((table.file, file.status, tally))
                return submit([(progress(file, table, isComplete: false), table.file.key)])
            case .wait:
                run.report(
                    .data,
                    source: name,
                    "\(file.path): incomplete_last_line: line \(table.reader.line) has no line end and is not whole, or the file still changes; it is taken next time"
                )
                return submit([(progress(file, table, isComplete: false), table.file.key)])
            }
        }
        // A file that changed while it was read is read on next time.
        let isStill = try file.file.status() == file.status
        let progress = progress(file, table, isComplete: isStill)
        submit([(progress, table.file.key)])
        judge(progress, file.path)
    }

    /// How far the file has been read: behind the record the reader stands on, or before it when it has no line end and may get longer.
    ///
    /// - Parameter isBefore: before it in any case.
    private func progress(_ file: InboxFile, _ table: CSVTable, isComplete: Bool, isBefore: Bool = false) -> FileProgress {
        let reader = table.reader
        let isBehind = reader.terminated && !isBefore
        return FileProgress(
            file: file.status,
            mapping: mapping,
            offset: isBehind ? reader.recordEnd : reader.recordStart,
            line: isBehind ? reader.nextLine : reader.line,
            records: records,
            rows: rows,
            digest: file.digest,
            hashedBytes: file.hashedBytes,
            isComplete: isComplete,
            shortestTime: shortestTime
        )
    }

    /// A source that ends because of its bad records begins before them next time, whatever was read of its files meanwhile (spec section 5).
    private mutating func goBackBeforeBadRecords() {
        guard badRecords >= run.environment.maximumBadRecords, !run.mustStop, builder.isEmpty else { return }
        var known: Set<FileKey> = []
        // A file that was looked at twice begins where it was bad first.
        let first = beforeBadRecords.filter { known.insert($0.key).inserted }
        for start in stride(from: 0, to: first.count, by: Self.knownAnewAtOnce) {
            submit(Array(first[start..<min(start + Self.knownAnewAtOnce, first.count)]))
        }
        beforeBadRecords = []
    }

    /// Counts a file that was read to its end before and is still the same.
    private mutating func remember(_ progress: FileProgress, _ file: CSVFile) {
        run.remember(progress.records, of: file.key, source: name)
        judge(progress, file.path, "when it was read, and it has not changed since; why: kasparro quarantine list --source \(name)")
    }

    /// A file of records of which none became a row is a failure, also when nothing about it has changed.
    private mutating func judge(_ progress: FileProgress, _ path: String, _ remark: String = "; they are in quarantine") {
        if progress.records == 0 { return }
        if progress.rows == 0 {
            fail(.data, path, "none of its \(progress.records) records could become a row\(remark.first == ";" ? "" : " ")\(remark)")
        } else {
            outcome.join(.loaded)
        }
    }

    /// Adds the reader's record to the batch, as a row or to the quarantine.
    private mutating func add(_ table: CSVTable) {
        guard table.isRegular else { return reject("ragged_row", content: table.reader.withRecord { $0.bytes }, table) }
        table.fill(&draft)
        guard draft.finish() else {
            badRecords += 1
            let reasons = table.repeatsHeader ? ["repeated_header"] : draft.reasons
            quarantine(table.reader.withRecord { $0.bytes }, reasons, table)
            return
        }
        if let shape, !shape.types.holds(draft.types) { self.shape = run.note(draft.types, of: shape) }
        rows += 1
        if table.endsWithTimestamp { shortestTime = min(shortestTime ?? .max, draft.timestampBytes) }
        if draft.isTooOld { return builder.skipTooOld() }
        builder.append(draft, from: table)
    }

    private mutating func reject(_ reason: String, content: [UInt8], _ table: CSVTable) {
        badRecords += 1
        quarantine(content, [reason], table)
    }

    private mutating func quarantine(_ content: [UInt8], _ reasons: [String], _ table: CSVTable) {
        builder.quarantine(
            content,
            reasons: reasons,
            place: table.file.path,
            position: table.reader.line,
            header: table.headerLine,
            fileName: source.symbolPattern == nil ? [] : Array(table.file.name.utf8)
        )
    }

    /// Submits what is built, with the place behind it.
    private mutating func flush(_ file: InboxFile, _ table: CSVTable) {
        if !builder.isEmpty { submit([(progress(file, table, isComplete: false), table.file.key)]) }
        between()
    }

    private mutating func submit(_ files: [(progress: FileProgress, key: FileKey)]) {
        if fault?.allows(&builder, isComplete: true) == false { return }
        run.submit(
            &builder,
            source: name,
            fetchedAt: Timestamp(milliseconds: run.environment.now().wall),
            changes: files.flatMap { memory.changes($0.progress, of: $0.key) },
            committed: { [memory, tally] summary in
                for (progress, key) in files { memory.remember(progress, of: key) }
                tally.add(summary)
            }
        )
    }
}
