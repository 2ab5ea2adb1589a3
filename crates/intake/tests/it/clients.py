# Sends by Python's own clients; ends with 0 when each says that everything was taken.
import sys

from elasticsearch import Elasticsearch, helpers
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

base = sys.argv[1]

es = Elasticsearch(base, basic_auth=("canh", "elastic"))
es.info()
documents = ({"_op_type": "create", "_index": "logs", "message": f"từ elasticsearch {n}"} for n in range(3))
taken, refused = helpers.bulk(es, documents)
assert (taken, refused) == (3, []), (taken, refused)

provider = LoggerProvider()
exporter = OTLPLogExporter(endpoint=f"{base}/v1/logs", headers={"Authorization": "Bearer otlp"})
provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
logger = provider.get_logger("canh")
logger.emit(body="từ opentelemetry", severity_number=SeverityNumber.WARN, attributes={"host.name": "web01"})
assert provider.force_flush(), "not flushed"
provider.shutdown()
