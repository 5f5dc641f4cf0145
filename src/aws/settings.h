#ifndef SPARK_AWS_SETTINGS_PRIVATE_H
#define SPARK_AWS_SETTINGS_PRIVATE_H

#include "spark/aws/settings.h"

/* Is the service of an aws_service_url the one of that signing name ("redshift-serverless")? */
bool settings_is_service(const char *id, const char *service);

#endif
