/// What a compaction that somebody asked for did.
package struct CompactionReport: Sendable, Equatable {
    package var segmentsBefore = 0
    package var segmentsAfter = 0
    package var bytesBefore = 0
    package var bytesAfter = 0
    /// Superseded rows that are gone now.
    package var deadRowsDropped = 0
    /// Records that had been taken out of the quarantine and are gone now.
    package var deadRecordsDropped = 0

    package init() {}
}

/// What a backup holds.
package struct BackupReport: Sendable, Equatable {
    package var path: String
    package var files = 0
    package var bytes = 0
    /// Whether the files are second names of the store's own: the same disk holds both.
    package var isLinked = false
    /// Live rows in it.
    package var rows = 0
    package var lastLSN: UInt64 = 0

    package init(path: String) { self.path = path }
}

/// One thing that `verify` or `repair` has to say.
package struct Finding: Sendable, Equatable {
    package enum Severity: String, Sendable {
        /// Nothing is lost and nothing has to be done.
        case note
        /// Can be made anew from what is there; `repair --apply` does.
        case repairable
        /// Rows or records are lost; `repair --apply` saves the rest.
        case damage
    }

    package var severity: Severity
    /// The path below the data directory.
    package var file: String
    /// Where in the file; nil: the file as a whole.
    package var offset: Int?
    package var what: String
    /// Rows or records that cannot be read because of it, in words; empty: none.
    package var affected: String

    package init(_ severity: Severity, _ file: String, offset: Int? = nil, _ what: String, affected: String = "") {
        self.severity = severity
        self.file = file
        self.offset = offset
        self.what = what
        self.affected = affected
    }
}

/// What `verify` looked at and found.
package struct VerifyReport: Sendable, Equatable {
    package var isDeep = false
    package var findings: [Finding] = []
    package var files = 0
    package var bytes = 0
    /// Live rows.
    package var rows = 0
    package var segments = 0
    package var logRecords = 0

    /// Whether something is damaged or has to be made anew.
    package var isClean: Bool { findings.allSatisfy { $0.severity == .note } }

    package init() {}
}

/// What `repair` would do or did.
package struct RepairReport: Sendable, Equatable {
    package var applied = false
    package var findings: [Finding] = []
    /// What is done about them, a sentence each.
    package var actions: [String] = []
    /// Rows and records that no repair brings back, a sentence each.
    package var lost: [String] = []
    /// Where the originals were moved; nil when nothing was changed.
    package var originals: String?

    package init() {}
}
