import Crypto
import MarketData
import Synchronization
import TickerStore

/// A file that a source is to look at.
struct CSVFile: Sendable {
    var path: String
    var key: FileKey
    /// When the inbox was listed; nil where nothing is there.
    var status: FileStatus?

    /// The last part of the path.
    var name: String { path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path }
}

/// The files of a source, in the order in which they are read, and what is wrong with others.
struct CSVListing {
    private(set) var files: [CSVFile] = []
    /// Messages about what is left alone and named.
    private(set) var refused: [String] = []
    private(set) var failed: [(path: String, problem: String)] = []

    /// Files beside the inbox first, then those of the inbox by name; each is asked for its status once.
    init(of source: CSVSource, name: String, on disk: any FileSystem) {
        // One path that cannot be looked at hides no other.
        for path in source.extraFiles {
            do throws(FileError) {
                add(CSVFile(path: path, key: FileKey(source: name, path: path), status: try disk.status(path)))
            } catch {
                failed.append((path, error.description))
            }
        }
        let patterns = CSVSource.Patterns(source)
        for file in listed(source.inbox, disk) where source.takes(file, patterns) {
            let path = source.inbox + "/" + file
            if source.extraFiles.contains(path) { continue }
            do throws(FileError) {
                guard let status = try disk.status(path) else {
                    // The directory gives such names with this character in the place of what cannot be read.
                    if file.contains("\u{FFFD}") { failed.append((path, "its name is not UTF-8; rename it")) }
                    continue
                }
                add(CSVFile(path: path, key: FileKey(source: name, name: file, path: path), status: status))
            } catch {
                failed.append((path, error.description))
            }
        }
    }

    private mutating func listed(_ directory: String, _ disk: any FileSystem) -> [String] {
        do throws(FileError) {
            if try disk.status(directory) != nil { return try disk.list(directory) }
            failed.append((directory, "the inbox is missing; make the directory, or restart, which makes it"))
        } catch {
            failed.append((directory, error.description))
        }
        return []
    }

    private mutating func add(_ file: CSVFile) {
        switch file.status?.kind {
        case .file: files.append(file)
        case .symbolicLink: refused.append("\(file.path) is a symbolic link and is not followed; copy the file into the inbox")
        case .directory, .other: refused.append("\(file.path) is not a file")
        case nil: failed.append((file.path, "there is no such file"))
        }
    }
}

/// What the commits of one file's batches did, told from the store's thread.
final class FileTally: Sendable {
    /// Above one in so many, rows that replace others are no corrections (spec section 5).
    private static let overwriteShare = 100

    let path: String
    private let counts = Mutex<(rows: Int, updated: Int)>((0, 0))

    init(path: String) { self.path = path }

    func add(_ summary: RunRecord.BatchSummary) {
        counts.withLock {
            $0.rows += summary.inserted + summary.updated + summary.skipped
            $0.updated += summary.updated
        }
    }

    /// What is wrong when too many of the file's rows replaced rows of other content.
    var complaint: String? {
        let (rows, updated) = counts.withLock { $0 }
        guard updated * Self.overwriteShare > rows else { return nil }
        return "\(path): overwrites: \(updated) of its \(rows) rows replaced stored rows of other content; "
            + "where two files tell of the same coins and times, give each a source entry with its own file-name pattern"
    }
}

extension CSVSource {
    /// The name patterns, made ready once for a whole directory.
    struct Patterns {
        fileprivate let taken: FileNamePattern?
        fileprivate let excluded: [FileNamePattern]

        init(_ source: CSVSource) {
            taken = source.pattern.map { FileNamePattern($0) }
            excluded = source.excludedPatterns.map { FileNamePattern($0) }
        }
    }

    /// Whether the source reads files of this name from its inbox (spec section 2).
    func takes(_ name: String, _ patterns: Patterns) -> Bool {
        if name.hasPrefix(".") || name.hasSuffix(".part") || name.hasSuffix(".tmp") { return false }
        if patterns.excluded.contains(where: { $0.matches(name) }) { return false }
        return patterns.taken?.matches(name) ?? (name.hasSuffix(".csv") || name.hasSuffix(".csv.gz"))
    }

    /// Fields whose value no column gives.
    var constantFields: Set<TickerField> {
        var fields = Set(format.constants.keys)
        if symbolPattern != nil { fields.insert(.symbol) }
        return fields
    }

    /// What gives fields that no column gives.
    var given: [TickerField: MappingDecision] {
        var given: [TickerField: MappingDecision] = [:]
        if symbolPattern != nil { given[.symbol] = MappingDecision(field: TickerField.symbol.rawValue, from: nil, reason: .fileName) }
        for (field, value) in format.constants { given[field] = MappingDecision(field: field.rawValue, from: value, reason: .constant) }
        return given
    }

    /// Changes when the same file would be read otherwise.
    ///
    /// - Parameter approvals: what people said about the source's columns; see `SchemaApprovals.version`.
    func mappingVersion(_ mode: SourceDefinition.SchemaMode, approvals: String) -> String {
        mappingVersion + (mode == .freeze ? ":freeze" : "") + (approvals.isEmpty ? "" : ":" + approvals)
    }

    /// Of what the configuration says.
    private var mappingVersion: String {
        let names = declared.map { "\($0.key)=\($0.value.rawValue)" }.sorted().joined(separator: ",")
        // What is declared as usual is left out, so that files read by older versions are not read again.
        let plain = CSVSource(inbox: inbox, extraFiles: extraFiles, pattern: pattern, excludedPatterns: excludedPatterns, declared: declared)
        if self == plain { return "3:" + names }
        var hash = SHA256()
        // Each part with its length: no two declarations give one text.
        func add(_ part: String) { hash.update(data: Array("\(part.utf8.count):\(part)".utf8)) }
        add(names)
        add(separator.map { String($0) } ?? "")
        add(encoding.rawValue)
        add(columns.map { "\($0.count)" } ?? "none")
        columns?.forEach(add)
        add(symbolPattern ?? "")
        add(format.zeroIsNull.map(\.rawValue).sorted().joined(separator: ","))
        add(String(format.decimalSeparator))
        add("\(format.timestamps.offsetMinutes)")
        add(format.timestamps.slashes.map { "\($0)" } ?? "")
        for texts in [format.constants, format.patterns] {
            add("\(texts.count)")
            for (field, text) in texts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                add(field.rawValue)
                add(text)
            }
        }
        return "4:" + hexadecimal(hash.finalize().prefix(16))
    }
}
