package import MarketData

// The store's figures as `/stats`, `/admin/status` and `kasparro status` show them.

extension StoreCounts {
    /// Writes an object with the totals.
    package func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("raw", rawRecords)
        writer.member("normalized", rows)
        writer.member("quarantined", quarantined)
        writer.key("by_source")
        writer.beginObject()
        for (source, rows) in rowsBySource { writer.member(source, rows) }
        writer.endObject()
        writer.endObject()
    }
}

extension StoreStatistics {
    /// Writes an object with the figures.
    package func append(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("segments", segments)
        writer.member("bytes", bytes)
        writer.member("wal_files", walFiles)
        writer.member("wal_bytes", walBytes)
        writer.member("segment_bytes", segmentBytes)
        writer.member("sealed_rows", sealedRows)
        writer.member("superseded_rows", supersededRows)
        writer.member("memory_groups", memoryGroups)
        writer.member("maintenance_jobs", jobsDone)
        writer.member("maintenance_failure", maintenanceFailure)
        writer.member("disk_free_bytes", freeBytes)
        writer.member("series", series)
        writer.member("last_lsn", lastLSN)
        writer.member("durable_lsn", durableLSN)
        writer.member("read_only", refusal != nil)
        writer.endObject()
    }
}
