import MarketData
import TickerStore

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
