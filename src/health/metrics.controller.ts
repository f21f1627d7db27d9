import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiRequestId, apiRequest, requestIdHeader, sendAnswer } from '../http/index.js';
import { Metrics } from '../metrics/metrics.js';

const noParameters: readonly string[] = [];

/** For Prometheus. */
@ApiTags('health')
@ApiRequestId()
@Controller()
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  @ApiOperation({
    summary: 'Show the metrics of this node',
    description: 'In the text format of Prometheus; docs/metrics.md lists them. Works without a leader.',
  })
  @ApiResponse({
    status: 200,
    description: 'The metrics.',
    headers: requestIdHeader,
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  @Get('metrics')
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    apiRequest(request, noParameters);
    const headers = ['content-type', this.metrics.contentType];
    sendAnswer(reply, { status: 200, headers, body: await this.metrics.render() });
  }
}
